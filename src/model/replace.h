/*
 * replace: how a file comes to be another one, all at once.
 */
#ifndef LGD_MODEL_REPLACE_H
#define LGD_MODEL_REPLACE_H

#include "logdetect/model.h"

typedef struct lgd_replace_options {
    bool lock; /* refuse when another process replaces this file under lock */
} lgd_replace_options;

/* Makes path hold the parts one after the other, or leaves it as it was. path is a regular file or nothing yet; a link
 * to a file is followed. */
LGD_MUST_CHECK lgd_status lgd_replace(const char *path, const lgd_sv *parts, size_t n_parts,
                                      lgd_replace_options options, lgd_err *err);
/* The words of an errno, the same in every locale. */
const char *lgd_model_errno(int number);

#endif
