/* profile: what is known of the lines of one input. One flat struct without pointers: equal profiles have equal bytes. */
#ifndef LGD_FORMAT_PROFILE_H
#define LGD_FORMAT_PROFILE_H

#include "layout.h"

enum { MAX_LAYOUTS = 64, NAME_MAX_BYTES = 192 };

typedef enum profile_kind { PROFILE_PLAIN, PROFILE_LAYOUTS, PROFILE_JSON, PROFILE_LOGFMT, PROFILE_KINDS } profile_kind;

struct lgd_profile {
    uint8_t kind;                /* profile_kind */
    uint8_t mostly_headers;      /* half of the lines or more have one: a time at the front of an odd line is one too */
    uint8_t largest;             /* the layout of most lines; it gives the name */
    uint8_t n_layouts;           /* of PROFILE_LAYOUTS, else 0 */
    layout layouts[MAX_LAYOUTS]; /* most steps first; unused ones are zero */
    char name[NAME_MAX_BYTES];   /* made from the rest */
};

/* Fills in p->name. */
void profile_name(lgd_profile *p);

#endif
