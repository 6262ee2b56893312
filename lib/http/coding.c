/* Which codings of its content a client takes. */
#include "lib/base/parse.h"
#include "lib/http/http.h"

enum { WEIGHT_ALL = 1000, WEIGHT_DIGITS = 3, WEIGHT_LEAST = 1 };

/* "br;q=0.5": what it is called, and its weight. One that is none counts as not given. */
static int read_choice(struct str choice, struct str *ret_name)
{
    static const int scales[] = {WEIGHT_ALL, 100, 10, 1};
    struct str parameter, name;
    struct decimal given;
    int weight = WEIGHT_ALL;
    str_split(&choice, ';', ret_name);
    *ret_name = str_trim(*ret_name);
    while (str_split(&choice, ';', &parameter)) {
        if (str_split(&parameter, '=', &name) && str_equal_nocase(str_trim(name), STR("q")) &&
            parse_decimal(str_trim(parameter), WEIGHT_DIGITS, &given) && given.mantissa >= 0 &&
            given.mantissa <= WEIGHT_ALL / scales[given.scale])
            weight = (int)given.mantissa * scales[given.scale];
    }
    return weight;
}

int http_coding_weight(struct str accept_encoding, struct str coding)
{
    struct str choice, name = {NULL, 0}, rest = accept_encoding;
    int by_star = str_equal(coding, STR("identity")) ? WEIGHT_LEAST : 0;
    while (str_split(&rest, ',', &choice)) {
        int weight = read_choice(choice, &name);
        if (str_equal_nocase(name, coding))
            return weight;
        if (str_equal(name, STR("*")))
            by_star = weight;
    }
    return by_star;
}
