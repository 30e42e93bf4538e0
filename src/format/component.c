/*
 * component: which field of a layout names the program, service or logger, where no TAG does.
 *
 * Input: a learned layout and its lines. Every field and skipped word that could be a name is tried: the layout is run
 * over the lines with it, and its values are judged. A name is one word of letters; dots (`nova.compute.manager`) or inner
 * capitals (`ConsumerThread`) are what loggers look like; and it has few values, for a component is a category.
 * The best looking one wins, of equals the one nearer to the message.
 */
#include "learn.h"

#include "chars.h"

enum { NO_NAME = -1, PLAIN, CAPITALS, DOTTED };

static int name_quality(lgd_sv s) {
    if (s.n < 2 || s.n > 100 || !(is_letter(s.p[0]) || s.p[0] == '_')) return NO_NAME;
    size_t digits = 0, dots = 0, turns = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!is_word(c) && !is_one_of(c, ".$:-/")) return NO_NAME;
        digits += is_digit(c);
        if (i == 0 || i + 1 == s.n) continue;
        bool path = c == '.' || (c == ':' && s.p[i + 1] == ':');
        dots += path && is_letter(s.p[i - 1]) && (is_letter(s.p[i + 1]) || s.p[i + 1] == ':');
        turns += is_letter(c) && c == to_lower(c) && is_letter(s.p[i + 1]) && s.p[i + 1] != to_lower(s.p[i + 1]);
    }
    if (digits * 3 > s.n || s.p[s.n - 1] == ':') return NO_NAME;
    return dots > 0 ? DOTTED : turns > 0 ? CAPITALS : PLAIN;
}

/* The judgement of one candidate in hundredths of a quality; negative: not a name. */
static int64_t judge(learner *w, sample s, const layout *l) {
    size_t n = 0;
    int64_t sum = 0;
    for (size_t i = 0; i < s.n; i++) {
        line_head head = line_head_of(s.lines[i]);
        lgd_cut cut;
        (void)layout_run(l, s.lines[i], &head, NULL, &cut);
        int quality = name_quality(cut.header.component);
        if (quality == NO_NAME || (cut.header.component.n > 2 && lgd_level_of(cut.header.component))) continue;
        w->hashes[n++] = lgd_hash_sv(cut.header.component, 0);
        sum += quality;
    }
    if (n == 0 || n * 10 < s.n * 9) return -1;
    size_t distinct = count_distinct(w->hashes, n);
    int64_t mean = sum * 100 / (int64_t)n;
    bool logger_like = mean >= 80;
    size_t few = s.n / 20 > 3 ? s.n / 20 : 3, some = s.n / 4 > 20 ? s.n / 4 : 20;
    if (distinct > (logger_like ? some : few)) return -1;
    /* The one plain word that all lines share is as likely the host as the program. */
    if (!logger_like && l->component_word > 0 && distinct < 2) return -1;
    return mean;
}

static bool may_name(field_kind kind) {
    return kind == FIELD_PIPE || kind == FIELD_SOURCE || kind == FIELD_BRACKET || kind == FIELD_TO_SEPARATOR ||
           kind == FIELD_PAD;
}

void learn_component(learner *w, sample s, layout *l) {
    layout trial = *l;
    int64_t best = -1;
    for (size_t i = 0; i < l->n_steps; i++) {
        if (l->steps[i].kind == FIELD_TAG) return;
    }
    for (uint8_t i = 0; i < l->n_steps; i++) {
        trial.component_step = i;
        /* In the order of the line: the skipped words, then the field (word 0). */
        for (uint8_t k = 1; k <= l->steps[i].skip + 1; k++) {
            trial.component_word = k <= l->steps[i].skip ? k : 0;
            if (trial.component_word == 0 && !may_name((field_kind)l->steps[i].kind)) continue;
            int64_t quality = judge(w, s, &trial);
            if (quality < 0 || quality < best) continue;
            best = quality;
            l->component_step = i;
            l->component_word = trial.component_word;
        }
    }
}
