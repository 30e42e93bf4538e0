/*
 * template/split: where a cluster is divided. A wildcard place that has only ever held a few plain words is no variable:
 * "Started" and "Paused" are two events. A place where many words stood, at least half of which say a state, is divided by
 * these alone. What announces a value (`key=`, `user`) makes neither.
 *
 * Cost: for each wildcard place, members x a few words.
 */
#include "miner.h"

#include "chars.h"
#include "symbols.h"

#include <stdlib.h>

enum {
    MAX_CONSTANTS = 5,  /* T: docs/TEMPLATES.md */
    MIN_NAME_LINES = 4, /* for each name-like value */
    MAX_BOOLEANS = 2,   /* places of them */
    MIN_JOINED = 4,     /* letters of a state within a longer word: not the "on" of ADD_ON */
    MAX_STATES = 32     /* at one place, and as many other words */
};

typedef struct split_view {
    const token_table *tokens;
    const sig_tokens *sorted;
    const sig_cluster *c;
} split_view;

static uint32_t id_at(const split_view *v, size_t member, uint32_t position) {
    return v->sorted[v->c->members[member]].tokens[position].id;
}

/* ---- words ---- */

/* Levels and states: what a message with one of them says is not what it says with another. Sorted. */
static const char *const states[] = {
    "aborted",     "accepted", "active",     "added",       "alive",     "allowed",   "assigned",  "available",
    "blocked",     "canceled", "cancelled",  "closed",      "completed", "connected", "crashed",   "created",
    "critical",    "dead",     "debug",      "degraded",    "deleted",   "denied",    "disabled",  "disconnected",
    "done",        "down",     "enabled",    "error",       "exited",    "expired",   "fail",      "failed",
    "failure",     "fatal",    "finished",   "granted",     "healthy",   "idle",      "inactive",  "info",
    "initialized", "invalid",  "killed",     "locked",      "lost",      "mounted",   "off",       "offline",
    "ok",          "on",       "online",     "open",        "opened",    "paused",    "pending",   "ready",
    "refused",     "rejected", "released",   "removed",     "restarted", "resumed",   "running",   "skipped",
    "started",     "starting", "stopped",    "stopping",    "succeeded", "success",   "suspended", "terminated",
    "timeout",     "trace",    "unassigned", "unavailable", "unhealthy", "unlocked",  "unmounted", "unreachable",
    "up",          "valid",    "waiting",    "warn",        "warning",
};

static int by_word(const void *key, const void *item) { return strcmp(key, *(const char *const *)item); }

static bool is_state_word(lgd_sv word) {
    char lower[16];
    size_t n = word.n > 1 && word.p[word.n - 1] == '.' ? word.n - 1 : word.n;
    if (n < 2 || n >= sizeof lower) return false;
    for (size_t i = 0; i < n; i++) {
        char c = word.p[i];
        if (!is_alpha(c)) return false;
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
    }
    lower[n] = 0;
    return bsearch(lower, states, sizeof states / sizeof *states, sizeof *states, by_word) != NULL;
}

static bool is_capital(lgd_sv word) {
    for (size_t i = 0; i < word.n; i++)
        if ((word.p[i] < 'A' || word.p[i] > 'Z') && word.p[i] != '_') return false;
    return true;
}

/* A word of the table, or a constant that has one in its name: FAILED_TO_START, and not get_host_info. */
static bool is_state(lgd_sv word) {
    if (is_state_word(word)) return true;
    if (!is_capital(word)) return false;
    for (size_t i = 0, end = 0; i < word.n; i = end + 1) {
        for (end = i; end < word.n && word.p[end] != '_';) end++;
        if (end - i >= MIN_JOINED && end - i < word.n && is_state_word((lgd_sv){word.p + i, end - i})) return true;
    }
    return false;
}

/* ---- what stood at a place ---- */

/* What follows an equals sign, perhaps in quotes, is a value; so is what follows a slot word, with or without a colon. */
static bool is_value_place(const split_view *v, uint32_t position) {
    if (position == 0) return false;
    lgd_sv before = v->tokens->texts[v->c->pattern[position - 1]];
    if (position >= 2 && before.n == 1 && (before.p[0] == '"' || before.p[0] == '\''))
        before = v->tokens->texts[v->c->pattern[position - 2]];
    if (before.n == 1 && before.p[0] == '=') return true;
    bool colon = before.n == 1 && before.p[0] == ':';
    if (colon && position >= 2) before = v->tokens->texts[v->c->pattern[position - 2]];
    return token_announces(before);
}

/* True if the differing words at this position are events of their own. */
static bool is_constant(const split_view *v, uint32_t position) {
    uint32_t values[MAX_CONSTANTS];
    size_t n = 0;
    token_class highest = CLASS_WORD;
    for (size_t m = 0; m < v->c->n_members; m++) {
        uint32_t id = id_at(v, m, position);
        token_class class = v->tokens->classes[id];
        size_t k = 0;
        while (k < n && values[k] != id) k++;
        if (k < n) continue;
        if (n == MAX_CONSTANTS || class == CLASS_EMPTY || class > CLASS_DOTTED) return false;
        values[n++] = id;
        if (class > highest) highest = class;
    }
    if (highest == CLASS_NAME && v->c->count < MIN_NAME_LINES * n) return false;
    if (highest == CLASS_WORD && n == MAX_CONSTANTS && v->c->count == n) return false; /* no word came twice */
    return !is_value_place(v, position);
}

static bool is_boolean_place(const split_view *v, uint32_t position) {
    for (size_t m = 0; m < v->c->n_members; m++)
        if (!token_is_boolean(v->tokens->texts[id_at(v, m, position)])) return false;
    return true;
}

/* Adds an id to a few others; false if there are too many. */
static bool add_id(uint32_t *ids, size_t *n, uint32_t id) {
    for (size_t k = 0; k < *n; k++)
        if (ids[k] == id) return true;
    if (*n == MAX_STATES) return false;
    ids[(*n)++] = id;
    return true;
}

/* Two states or more stood here, and no more other words than these. */
static bool is_state_place(const split_view *v, uint32_t position) {
    uint32_t state[MAX_STATES], other[MAX_STATES];
    size_t n_states = 0, n_others = 0;
    for (size_t m = 0; m < v->c->n_members; m++) {
        uint32_t id = id_at(v, m, position);
        bool few = is_state(v->tokens->texts[id]) ? add_id(state, &n_states, id) : add_id(other, &n_others, id);
        if (!few) return false;
    }
    return n_states >= 2 && n_states >= n_others && !is_value_place(v, position);
}

/* ---- places ---- */

uint32_t split_value(const token_table *t, const split_place *place, uint32_t id) {
    return place->states_only && !is_state(t->texts[id]) ? TOKEN_ANY : id;
}

/* Several booleans are a state that is told, and no longer what happened. */
static size_t leave_out_booleans(const split_view *v, split_place *places, size_t n) {
    bool boolean[SPLIT_MAX_PLACES];
    size_t n_booleans = 0, kept = 0;
    for (size_t k = 0; k < n; k++) {
        boolean[k] = is_boolean_place(v, places[k].position);
        n_booleans += boolean[k];
    }
    for (size_t k = 0; k < n; k++)
        if (!boolean[k] || n_booleans <= MAX_BOOLEANS) places[kept++] = places[k];
    return kept;
}

size_t split_places(const token_table *t, const sig_tokens *sorted, const sig_cluster *c, split_place *ret) {
    split_view v = {t, sorted, c};
    size_t n = 0;
    for (uint32_t i = 0; i < c->n && n < SPLIT_MAX_PLACES; i++) {
        if (c->pattern[i] != TOKEN_ANY) continue;
        bool constant = is_constant(&v, i);
        if (constant || is_state_place(&v, i)) ret[n++] = (split_place){i, !constant};
    }
    return leave_out_booleans(&v, ret, n);
}
