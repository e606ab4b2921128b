/* Ring of samples in the order of their time. */
#include "console/model/belay-history.h"

#include <assert.h>
#include <stdlib.h>

struct belay_history {
    size_t capacity, first, count;
    struct belay_sample sample[];
};

struct belay_history *belay_history_new(size_t capacity) {
    assert(capacity >= 2);
    struct belay_history *history = malloc(sizeof *history + capacity * sizeof history->sample[0]);
    if (history == NULL) {
        abort();
    }
    history->capacity = capacity;
    belay_history_clear(history);
    return history;
}

void belay_history_free(struct belay_history *history) {
    free(history);
}

void belay_history_clear(struct belay_history *history) {
    history->first = 0;
    history->count = 0;
}

size_t belay_history_count(const struct belay_history *history) {
    return history->count;
}

const struct belay_sample *belay_history_at(const struct belay_history *history, size_t index) {
    assert(index < history->count);
    return &history->sample[(history->first + index) % history->capacity];
}

bool belay_history_push(struct belay_history *history, const struct belay_sample *sample) {
    if (history->count > 0 && sample->t_us <= belay_history_at(history, history->count - 1)->t_us) {
        return false;
    }
    history->sample[(history->first + history->count) % history->capacity] = *sample;
    if (history->count < history->capacity) {
        history->count++;
    } else {
        history->first = (history->first + 1) % history->capacity;
    }
    assert(history->count <= history->capacity && history->first < history->capacity);
    return true;
}

size_t belay_history_find(const struct belay_history *history, int64_t t_us) {
    size_t low = 0, high = history->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (belay_history_at(history, middle)->t_us < t_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
