/* Private to incident: the list of what is allowed. */
#ifndef LGD_INCIDENT_ALLOW_H
#define LGD_INCIDENT_ALLOW_H

#include "logdetect/allow.h"
#include "logdetect/regex.h"

struct lgd_allow {
    lgd_allow_rule *rules;
    lgd_allow_problem *problems;
    size_t n_rules, n_problems, rules_capacity, problems_capacity;
    lgd_matcher *matcher;
    uint64_t over_limit;
    lgd_arena arena; /* all texts */
    lgd_buf shown;   /* scratch: a template as it is shown */
};

/* The next line of *rest without its end, which is taken off; false at the end. */
bool allow_next_line(lgd_sv *rest, lgd_sv *ret);
/* Empty or a comment. */
bool allow_is_comment(lgd_sv line);
/* Whether a value has to stand in quotes. */
bool allow_needs_quotes(lgd_sv value);

#endif
