/*
 * pipeline/params: values of a message -> parameters with name, type, number and unit. Only what is reported or parsed
 * comes here, so a message is lexed again instead of keeping all values of all lines. Cost: O(length) of the message.
 */
#include "params.h"

static lgd_param param_of(const lgd_value *v) {
    lgd_param p = {.value = v->text, .name = v->name, .type = lgd_value_type_name(v->type)};
    p.has_number = lgd_value_is_quantity(v->type) && lgd_value_unit(v->text, &p.number, &p.unit);
    return p;
}

lgd_status params_find(const lgd_store *store, lgd_lexer *lexer, const origin *o, lgd_param *ret, size_t *ret_n,
                       lgd_err *err) {
    lgd_value values[MAX_PARAMS];
    lgd_signature s;
    lgd_sv message = o->header.message;
    LGD_TRY(lgd_lex(lexer, message, &s, err));
    *ret_n = o->parse->pattern == LGD_NO_PATTERN
                 ? lgd_signature_values(&s, message, values, MAX_PARAMS)
                 : lgd_pattern_values(lgd_store_pattern(store, o->parse->pattern), &s, message, values, MAX_PARAMS);
    for (size_t i = 0; i < *ret_n; i++) ret[i] = param_of(&values[i]);
    return LGD_OK;
}
