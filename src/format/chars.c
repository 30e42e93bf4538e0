/*
 * chars: the table behind chars.h, sixteen bytes a row. O other, B blank, D digit, L letter, W other parts of words (`_` and
 * all bytes that are not ASCII), T what means something inside a tag (`[ ] ( : = " , ;`), P the bar.
 */
#include "chars.h"

enum {
    O = 0,
    B = CHAR_BLANK | CHAR_STOP | CHAR_TAG,
    D = CHAR_DIGIT | CHAR_WORD,
    L = CHAR_LETTER | CHAR_WORD,
    W = CHAR_WORD,
    T = CHAR_TAG,
    P = CHAR_STOP | CHAR_TAG
};

/* clang-format off */
const uint8_t char_classes[256] = {
    O, O, O, O, O, O, O, O, O, B, O, B, B, B, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    B, O, T, O, O, O, O, O, T, O, O, O, T, O, O, O,
    D, D, D, D, D, D, D, D, D, D, T, T, O, T, O, O,
    O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, T, O, T, O, W,
    O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, O, P, O, O, O,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
};
/* clang-format on */
