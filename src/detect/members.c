/*
 * detect/members: the table of members that judge lines by their columns. The order is that of the reports.
 */
#include "members.h"

const lgd_member *const lgd_members[] = {&lgd_iforest, &lgd_novelty, &lgd_ngram, &lgd_rate, &lgd_foretelling};
const size_t lgd_n_members = sizeof lgd_members / sizeof *lgd_members;
