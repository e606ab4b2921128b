/* The envelope around a message: request, result, error, event. Private to protocol/ and the server. Pure apart from
 * allocation inside jansson. Any thread.
 */
#ifndef BELAY_PROTOCOL_PACKET_H
#define BELAY_PROTOCOL_PACKET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol/belay_messages.h"
#include "protocol/codec.h"

#define PACKET_VERSION 1
#define PACKET_ID_MAX 2147483647

/* A request, decoded as a whole. */
struct packet_request {
    int64_t id; /* 0 = could not be read */
    enum msg_method method;
    union msg_params params;
};

/* Decodes a request strictly. Returns false with `*problem` filled; request->id is then still set when the packet had a
 * good one. `*request` is big (a show text): keep it out of small stacks. */
bool packet_read_request(const char *bytes, size_t length, struct packet_request *request,
                         struct codec_problem *problem);

/* Writes a request, result, error or event into `out`. Returns its length; -EMSGSIZE: it does not fit; -EINVAL: a
 * value can't be said (see codec_encode()), or memory is short. `params` and `result` are the structs of the method's
 * row; error codes are asserted to be in msg_error_codes. */
int packet_write_request(int64_t id, enum msg_method method, const void *params, char *out, size_t size);
int packet_write_result(int64_t id, enum msg_method method, const void *result, char *out, size_t size);
int packet_write_error(int64_t id, const char *code, const char *field, const char *message, char *out, size_t size);

/* Writes the parameters of an event alone, to be encoded once and sent to many. Returns as above. */
int packet_write_params(enum msg_event event, const void *params, char *out, size_t size);
/* Writes an event around parameters that packet_write_params() made. Returns as above. */
int packet_write_event(enum msg_event event, int64_t seq, int64_t t_us, const char *params, char *out, size_t size);

#endif
