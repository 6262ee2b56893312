/* Which codings of its content a client takes. */
#include "lib/base/parse.h"
#include "lib/http/http.h"

/* "br;q=0.5": what it is called, and whether its weight is more than nothing. */
static bool read_choice(struct str choice, struct str *ret_name)
{
    struct str parameter;
    struct decimal weight;
    bool allowed = true;
    if (!str_split(&choice, ';', ret_name))
        return false;
    *ret_name = str_trim(*ret_name);
    while (str_split(&choice, ';', &parameter)) {
        parameter = str_trim(parameter);
        if (str_starts_with(parameter, STR("q=")) &&
            parse_decimal(str_slice(parameter, 2, parameter.len), 3, &weight))
            allowed = weight.mantissa > 0;
    }
    return allowed;
}

bool http_accepts(struct str accept_encoding, struct str coding)
{
    struct str choice, name, rest = accept_encoding;
    bool by_name = false, named = false, by_star = false;
    while (str_split(&rest, ',', &choice)) {
        bool allowed = read_choice(choice, &name);
        if (str_equal_nocase(name, coding)) {
            named = true;
            by_name = allowed;
        }
        if (str_equal(name, STR("*")))
            by_star = allowed;
    }
    return named ? by_name : by_star;
}
