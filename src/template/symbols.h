/*
 * Private to template: the bytes of a signature. A token is its spacing byte and its text; control bytes of a message
 * are white space to the lexer, so these symbols cannot occur in text.
 */
#ifndef LGD_TEMPLATE_SYMBOLS_H
#define LGD_TEMPLATE_SYMBOLS_H

#include "logdetect/template.h"

enum {
    SYM_SPACED = 1, /* token with white space before it */
    SYM_GLUED = 2,  /* token without */
    SYM_VAR = 3,    /* a masked variable */
    SYM_EMPTY = 4,  /* a value that is not there: "k=, ()" */
    SYM_ANY = 5     /* wildcard of a pattern: words differed here */
};

/* Classes of tokens, ordered: what is below CLASS_NAME never counts as a variable. */
typedef enum token_class {
    CLASS_PUNCT, /* no letter, no digit */
    CLASS_EMPTY,
    CLASS_WORD,   /* no digit */
    CLASS_NAME,   /* word with one short number inside a name: ssh2, jk2_init */
    CLASS_DOTTED, /* alphabetic dotted name: com.example.Thing */
    CLASS_SOFT,   /* any other token with a digit; the lexer turns it into a variable */
    CLASS_VAR,    /* contains SYM_VAR */
    CLASS_ANY     /* SYM_ANY */
} token_class;

/* Class of a token's text (without its spacing byte). */
token_class token_classify(lgd_sv text);

/* A word with one number of one or two digits right behind a letter, and a letter, `_` or nothing behind it: ssh2. */
bool token_is_name(lgd_sv text);
bool token_has_digit(lgd_sv text);
/* true, false and their other spellings. */
bool token_is_boolean(lgd_sv text);

/* A word that says that a name follows: user, host ... Such names are variables however few they are. */
bool token_announces(lgd_sv text);
/* A word that speaks of accounts: user, root ... */
bool token_is_account(lgd_sv text);

/* fold.c: x->raw -> x->tokens and x->signature. */
void fold_values(lgd_lexer *x, lgd_sv message);

/* The next token of an encoded sequence: takes it off *rest; text without the spacing byte. False at the end. */
static inline bool token_next(lgd_sv *rest, lgd_sv *ret_text, bool *ret_space) {
    if (rest->n == 0) return false;
    size_t n = 1;
    while (n < rest->n && rest->p[n] != SYM_SPACED && rest->p[n] != SYM_GLUED) n++;
    *ret_space = rest->p[0] == SYM_SPACED;
    *ret_text = (lgd_sv){rest->p + 1, n - 1};
    rest->p += n;
    rest->n -= n;
    return true;
}

static inline bool token_is(lgd_sv text, char symbol) { return text.n == 1 && text.p[0] == symbol; }

#endif
