/* learn: the lines of one group -> the layout that nearly all of them pass. */
#ifndef LGD_FORMAT_LEARN_H
#define LGD_FORMAT_LEARN_H

#include "layout.h"

typedef struct sample {
    const lgd_sv *lines;
    size_t n;
} sample;

typedef struct cursor {
    line_head head;
    size_t at;
} cursor;

/* Scratch space for the largest group; nothing of it outlives learning. */
typedef struct learner {
    cursor *cursors;  /* [capacity] */
    uint64_t *hashes; /* [capacity] */
} learner;

/* At least 95 of 100. */
static inline bool is_vote(size_t hits, size_t n) { return n > 0 && hits * 100 >= n * 95; }
size_t count_distinct(uint64_t *hashes, size_t n); /* sorts them */

/* Learns the steps; l->key is set by the caller and stays. n_steps == 0: no header. The cursors stand behind the layout. */
void learn_layout(learner *w, sample s, layout *l);
/* After learn_layout: the field that 20-80 % of the cursors stand at, which tells two formats apart.
 * FIELD_KINDS if there is none. member[i]: line i has it. */
field_kind learn_divider(const learner *w, sample s, const layout *l, bool *member);
/* Chooses the field or word that names the component where no TAG does (component.c). */
void learn_component(learner *w, sample s, layout *l);

#endif
