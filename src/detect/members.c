/*
 * detect/members: the table of members. The order is that of the reports.
 */
#include "members.h"

const lgd_member *const lgd_members[] = {&lgd_iforest, &lgd_novelty, &lgd_ngram, &lgd_rate};
const size_t lgd_n_members = sizeof lgd_members / sizeof *lgd_members;

const lgd_member *member_find(lgd_sv name) {
    for (size_t i = 0; i < lgd_n_members; i++)
        if (lgd_sv_eq(name, lgd_sv_of(lgd_members[i]->name))) return lgd_members[i];
    return NULL;
}
