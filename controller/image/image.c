/* Process image: registers <-> values with age and quality. */
#include "controller/image/image.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const struct profile *profile_of(const struct rig *rig, int device) {
    assert(device >= 0 && device < rig->device_count);
    return &rig->profile[rig->device[device].profile];
}

static int term_words(enum profile_type type) {
    return type == TYPE_U32 || type == TYPE_S32 ? 2 : 1;
}

static uint32_t term_raw(const struct profile *profile, const struct profile_term *term, const uint16_t *word) {
    assert(term->word + term_words(term->type) <= PROFILE_WORDS_MAX);
    if (term_words(term->type) == 1)
        return word[term->word];
    uint16_t high = word[term->word + (profile->low_word_first ? 1 : 0)];
    uint16_t low = word[term->word + (profile->low_word_first ? 0 : 1)];
    return (uint32_t)high << 16 | low;
}

static double term_value(const struct profile_term *term, uint32_t raw) {
    switch (term->type) {
    case TYPE_S16:
        return (int16_t)(uint16_t)raw * term->scale;
    case TYPE_S32:
        return (int32_t)raw * term->scale;
    case TYPE_U16:
    case TYPE_U32:
        break;
    }
    return raw * term->scale;
}

/* A load cell tells the sign and its own errors in the status word of the same reply. */
static void weigh(const struct profile *profile, const struct image_frame *frame, struct image_value *value) {
    const struct profile_term *status = &profile->term[TERM_STATUS];
    if (!status->present)
        return;
    uint32_t bits = term_raw(profile, status, frame->word);
    if (bits & profile->weight_error_mask)
        value->quality = QUALITY_BAD;
    if (bits & profile->weight_sign_mask)
        value->value = -value->value;
}

struct image_value image_read(const struct rig *rig, const struct image_in *in, int device, enum profile_term_id id,
                              int64_t now_us) {
    const struct profile *profile = profile_of(rig, device);
    const struct profile_term *term = &profile->term[id];
    const struct image_frame *frame = &in->frame[device];
    assert(term->present && id < TERM_FIRST_WRITE);

    struct image_value value = {.quality = QUALITY_MISSING};
    if (frame->stamp_us == 0)
        return value;
    value.raw = term_raw(profile, term, frame->word);
    value.value = term_value(term, value.raw);
    value.age_us = now_us - frame->stamp_us;
    value.quality = QUALITY_GOOD;
    if (id == TERM_WEIGHT)
        weigh(profile, frame, &value);
    bool up = in->link[rig->device[device].link].state == LINK_UP;
    if (!up || value.age_us > (int64_t)rig->device[device].stale_after_ms * 1000)
        value.quality = QUALITY_STALE;
    return value;
}

const char *link_loss_text(enum link_loss loss) {
    static const char *const texts[LOSS_COUNT] = {
        [LOSS_NONE] = "",
        [LOSS_CONNECT] = "no connection; check power, cable and address",
        [LOSS_TIMEOUT] = "no reply in time",
        [LOSS_PEER] = "the other side ended the connection",
        [LOSS_REPLY] = "a reply that does not fit the request",
        [LOSS_IDENTITY] = "another device answered",
        [LOSS_ECHO] = "a wrong sequence echo: it repeats old data",
        [LOSS_CYCLE] = "belayd's own cycle was late: see to its computer, not to the devices",
    };
    assert(loss >= 0 && loss < LOSS_COUNT);
    return texts[loss];
}

static double clamped(double value, double min, double max) {
    return value < min ? min : value > max ? max : value;
}

static double register_says(const struct profile_term *term, double value) {
    double raw = nearbyint(value / term->scale);
    return term->type == TYPE_S16 ? clamped(raw, INT16_MIN, INT16_MAX) : clamped(raw, 0, UINT16_MAX);
}

double image_written(const struct rig *rig, int device, enum profile_term_id id, double value) {
    const struct profile_term *term = &profile_of(rig, device)->term[id];
    assert(term->present && id >= TERM_FIRST_WRITE && !isnan(value));
    return register_says(term, value) * term->scale;
}

void image_write(const struct rig *rig, struct image_out *out, int device, enum profile_term_id id, double value) {
    const struct profile *profile = profile_of(rig, device);
    const struct profile_term *term = &profile->term[id];
    assert(term->present && id >= TERM_FIRST_WRITE && !isnan(value));
    assert(term_words(term->type) == 1 && "cyclic outputs are single registers");

    double raw = register_says(term, value);
    uint16_t *word = &out->word[device][term->word];
    *word = term->type == TYPE_S16 ? (uint16_t)(int16_t)raw : (uint16_t)raw;
}

void image_write_limits(const struct rig *rig, struct image_out *out, int device, double motoring, double generating) {
    const double full = profile_of(rig, device)->torque_limit_full;
    assert(motoring >= 0 && motoring <= 1 && generating >= 0 && generating <= 1);
    if (full == 0)
        return;
    image_write(rig, out, device, TERM_MOTORING_LIMIT, motoring * full);
    image_write(rig, out, device, TERM_GENERATING_LIMIT, generating * full);
}

void image_out_safe(const struct rig *rig, struct image_out *out) {
    memset(out, 0, sizeof *out);
    for (int device = 0; device < rig->device_count; device++) {
        const struct profile *profile = profile_of(rig, device);
        if (profile->kind == DEVICE_DRIVE) {
            image_write(rig, out, device, TERM_CONTROL, profile->commands.idle);
            image_write(rig, out, device, TERM_SETPOINT_SPEED, 0);
            image_write_limits(rig, out, device, 1, 1);
        }
        /* Safety I/O: all outputs off closes the brake; the words are zero already. */
    }
}

void image_out_stop(const struct rig *rig, struct image_out *out) {
    image_out_safe(rig, out);
    for (int device = 0; device < rig->device_count; device++) {
        const struct profile *profile = profile_of(rig, device);
        if (profile->kind == DEVICE_DRIVE)
            image_write(rig, out, device, TERM_CONTROL, profile->commands.quick_stop);
    }
}
