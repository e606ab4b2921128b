/* The form of a show file. */
#include "console/model/belay-show.h"

#include <string.h>

const char *belay_show_prepare(const char *name, GBytes *bytes, struct msg_show_load *params) {
    size_t length;
    const char *text = g_bytes_get_data(bytes, &length);
    if (length == 0) {
        return "the file is empty";
    }
    if (length >= sizeof params->text) {
        return "the file is longer than a show may be (60000 bytes): split the show";
    }
    if (!g_utf8_validate_len(text, length, NULL)) {
        return "the file is not UTF-8 text: choose a show file, or save it as UTF-8";
    }
    if (strlen(name) >= sizeof params->name) {
        return "the file's name is too long: rename it";
    }
    memset(params, 0, sizeof *params);
    memcpy(params->text, text, length);
    memcpy(params->name, name, strlen(name));
    return NULL;
}
