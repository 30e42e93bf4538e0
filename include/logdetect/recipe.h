/*
 * recipe: what a model is made of - which members with which weights, and the sizes of the network - as a YAML file that a
 * person can read and change. Shapes and numbers only; whether there are such members is for the ensemble to say.
 */
#ifndef LOGDETECT_RECIPE_H
#define LOGDETECT_RECIPE_H

#include "logdetect/base.h"

enum { LGD_RECIPE_MEMBERS = 16, LGD_RECIPE_LAYERS = 8 };

typedef struct lgd_recipe_member {
    lgd_sv name;
    double weight; /* 0: the recipe gives none */
    size_t line;   /* in the file */
} lgd_recipe_member;

/* The network and its training. */
typedef struct lgd_recipe_lstm {
    uint32_t layers[LGD_RECIPE_LAYERS]; /* units of each: 64 32 32 64 */
    size_t n_layers;
    uint32_t steps;     /* events in a window: 20 */
    uint32_t embedding; /* numbers that a template is embedded in: 16 */
    uint32_t epochs;    /* at most: 50 */
    uint32_t windows;   /* distinct ones to learn from, at most: 16384 */
    double dropout;     /* 0 */
    bool squared;       /* loss: mse, instead of cross-entropy */
} lgd_recipe_lstm;

typedef struct lgd_recipe {
    lgd_sv name;                                   /* what messages call it */
    lgd_recipe_member members[LGD_RECIPE_MEMBERS]; /* with or without weights, all of them alike */
    size_t n_members;                              /* 0: every member there is */
    lgd_recipe_lstm lstm;
} lgd_recipe;

void lgd_recipe_init(lgd_recipe *r); /* the defaults */

/* Reads a recipe on top of the defaults. path: for messages. Texts of *ret live in arena. Errors: usage, `PATH:LINE: KEY: what;
 * nothing was done`, for what lgd_yaml_parse refuses, unknown keys, wrong types, numbers out of range. */
LGD_MUST_CHECK lgd_status lgd_recipe_parse(const char *path, lgd_sv yaml, lgd_arena *arena, lgd_recipe *ret,
                                           lgd_err *err);

/* A path, which has a slash in it or ends in .yaml; else it is the name of a built-in one. */
bool lgd_recipe_is_path(const char *what);
/* packed: the built-in ones, name and text of each as lgd_put_sv writes them. what: a path, or a name among them. Errors: as
 * lgd_recipe_parse; usage for a name that is not there; io. */
LGD_MUST_CHECK lgd_status lgd_recipe_find(const char *what, lgd_sv packed, lgd_arena *arena, lgd_recipe *ret,
                                          lgd_err *err);

#endif
