/*
 * level: a level word becomes one of six severities. Input: one whole word of a header; output: its level or none.
 *
 * The words are those of syslog, log4j, java.util.logging, glog, Android, PostgreSQL, MySQL, .NET, Serilog and logrus (four letters). A switch on
 * the length leaves at most ten comparisons of one packed integer: this runs for nearly every line.
 */
#include "chars.h"
#include "logdetect/format.h"

typedef struct level_word {
    const char *word;
    lgd_level level;
} level_word;

static const level_word words3[] = {{"err", LGD_LEVEL_ERROR}, {"log", LGD_LEVEL_INFO},  {"dbg", LGD_LEVEL_DEBUG},
                                    {"inf", LGD_LEVEL_INFO},  {"wrn", LGD_LEVEL_WARN},  {"trc", LGD_LEVEL_TRACE},
                                    {"vrb", LGD_LEVEL_TRACE}, {"ftl", LGD_LEVEL_FATAL}, {"crt", LGD_LEVEL_FATAL}};
static const level_word words4[] = {{"info", LGD_LEVEL_INFO},  {"warn", LGD_LEVEL_WARN},  {"crit", LGD_LEVEL_FATAL},
                                    {"fine", LGD_LEVEL_DEBUG}, {"note", LGD_LEVEL_INFO},  {"hint", LGD_LEVEL_INFO},
                                    {"fail", LGD_LEVEL_ERROR}, {"dbug", LGD_LEVEL_DEBUG}, {"trce", LGD_LEVEL_TRACE},
                                    {"debu", LGD_LEVEL_DEBUG}, {"trac", LGD_LEVEL_TRACE}, {"erro", LGD_LEVEL_ERROR},
                                    {"fata", LGD_LEVEL_FATAL}, {"pani", LGD_LEVEL_FATAL}};
static const level_word words5[] = {{"error", LGD_LEVEL_ERROR}, {"debug", LGD_LEVEL_DEBUG}, {"trace", LGD_LEVEL_TRACE},
                                    {"fatal", LGD_LEVEL_FATAL}, {"alert", LGD_LEVEL_FATAL}, {"emerg", LGD_LEVEL_FATAL},
                                    {"panic", LGD_LEVEL_FATAL}, {"finer", LGD_LEVEL_TRACE}, {"audit", LGD_LEVEL_INFO}};
static const level_word words6[] = {{"notice", LGD_LEVEL_INFO},
                                    {"severe", LGD_LEVEL_ERROR},
                                    {"finest", LGD_LEVEL_TRACE},
                                    {"config", LGD_LEVEL_DEBUG},
                                    {"detail", LGD_LEVEL_INFO}};
static const level_word words7[] = {{"warning", LGD_LEVEL_WARN},
                                    {"verbose", LGD_LEVEL_TRACE},
                                    {"failure", LGD_LEVEL_ERROR},
                                    {"context", LGD_LEVEL_INFO}};
static const level_word words8[] = {{"critical", LGD_LEVEL_FATAL}};
static const level_word words9[] = {{"emergency", LGD_LEVEL_FATAL}, {"statement", LGD_LEVEL_INFO}};
static const level_word words11[] = {{"information", LGD_LEVEL_INFO}};

static const level_word words13[] = {{"informational", LGD_LEVEL_INFO}};
enum { LONGEST = 13 };

static lgd_level of_letter(char c) {
    switch (c) {
    case 'T':
    case 'V': return LGD_LEVEL_TRACE;
    case 'D': return LGD_LEVEL_DEBUG;
    case 'I':
    case 'N': return LGD_LEVEL_INFO;
    case 'W': return LGD_LEVEL_WARN;
    case 'E': return LGD_LEVEL_ERROR;
    case 'C':
    case 'F': return LGD_LEVEL_FATAL;
    default: return LGD_LEVEL_NONE;
    }
}

#define FIND(table) find(word, (table), sizeof(table) / sizeof(table)[0])

static lgd_level find(lgd_sv word, const level_word *table, size_t n) {
    char lower[LONGEST];
    lower[0] = '\0';
    for (size_t i = 0; i < word.n; i++) lower[i] = to_lower(word.p[i]);
    for (size_t i = 0; i < n; i++) {
        if (lower[0] == table[i].word[0] && memcmp(lower, table[i].word, word.n) == 0) return table[i].level;
    }
    return LGD_LEVEL_NONE;
}

lgd_level lgd_level_of(lgd_sv word) {
    /* PostgreSQL numbers its debug levels: DEBUG1 to DEBUG5. */
    if (word.n > 3 && is_digit(word.p[word.n - 1])) word.n--;
    switch (word.n) {
    case 1: return of_letter(word.p[0]);
    case 3: return FIND(words3);
    case 4: return FIND(words4);
    case 5: return FIND(words5);
    case 6: return FIND(words6);
    case 7: return FIND(words7);
    case 8: return FIND(words8);
    case 9: return FIND(words9);
    case 11: return FIND(words11);
    case LONGEST: return FIND(words13);
    default: return LGD_LEVEL_NONE;
    }
}
