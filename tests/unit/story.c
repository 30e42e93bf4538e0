#include "story.h"

#include <check.h>
#include <stdlib.h>

story *story_new(void) {
    story *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    s->e = (lgd_events){0, s->ids, s->times, s->levels, s->lengths, s->streams, s->n_values, s->values};
    return s;
}

size_t story_add(story *s) {
    if (s->e.n >= MAX_EVENTS) ck_abort_msg("too many events");
    return s->e.n++;
}

lgd_baseline *story_learn(const story *s, size_t n_templates, uint32_t n_slots) {
    lgd_baseline *b = NULL;
    lgd_tracker *t = NULL;
    ck_assert_int_eq(lgd_tracker_new(n_templates, &t, NULL), LGD_OK);
    ck_assert_int_eq(lgd_baseline_new(n_templates, n_slots, &b, NULL), LGD_OK);
    ck_assert_int_eq(lgd_baseline_learn(b, t, &s->e, 0, 10, NULL), LGD_OK);
    ck_assert_int_eq(lgd_baseline_finish(b, NULL), LGD_OK);
    lgd_tracker_free(t);
    return b;
}
