/* Made-up events for tests of features: columns with room for the values of each event. */
#ifndef LGD_TEST_STORY_H
#define LGD_TEST_STORY_H

#include "logdetect/feature.h"

enum { MAX_EVENTS = 4096 };

typedef struct story {
    lgd_events e;
    lgd_template_id ids[MAX_EVENTS];
    int64_t times[MAX_EVENTS];
    uint8_t levels[MAX_EVENTS];
    uint32_t lengths[MAX_EVENTS], streams[MAX_EVENTS], n_values[MAX_EVENTS];
    const lgd_observation *values[MAX_EVENTS];
    lgd_observation held[MAX_EVENTS];
} story;

story *story_new(void); /* without events; free() ends it */
/* The number of one event more, all of it zero; too many fail the test. */
size_t story_add(story *s);
/* The baseline of the whole story, in blocks of 10 events. */
lgd_baseline *story_learn(const story *s, size_t n_templates, uint32_t n_slots);

#endif
