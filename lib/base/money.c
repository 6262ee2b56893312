/* Currencies of ISO 4217 and exact arithmetic on minor units. */
#include "lib/base/money.h"

#include <stdlib.h>
#include <string.h>

/*
 * ISO 4217 list one as of amendment 180 (2026-01-01), sorted: currencies and funds. Metals, bond
 * units, XDR, XSU, XUA, XTS and XXX are left out, because they have no minor unit to count in.
 */
static const struct {
    char code[4];
    int exponent;
} currencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
    {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2},
    {"BOB", 2}, {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2},
    {"CAD", 2}, {"CDF", 2}, {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2},
    {"COP", 2}, {"COU", 2}, {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2},
    {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2},
    {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2},
    {"HKD", 2}, {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3},
    {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2},
    {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2},
    {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2},
    {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2},
    {"MXV", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2},
    {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2},
    {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2},
    {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2},
    {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2},
    {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0},
    {"USD", 2}, {"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2},
    {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAD", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0},
    {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
};

static int compare_codes(const void *a, const void *b)
{
    return memcmp(a, b, 3);
}

static const void *find_code(const char *code)
{
    return bsearch(code, currencies, ARRAY_LEN(currencies), sizeof(currencies[0]), compare_codes);
}

bool currency_parse(struct str text, struct currency *ret_currency)
{
    struct currency currency = {""};
    if (text.len != 3)
        return false;
    for (size_t i = 0; i < 3; i++)
        currency.code[i] =
            (char)(text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? text.ptr[i] - 32 : text.ptr[i]);
    if (!find_code(currency.code))
        return false;
    *ret_currency = currency;
    return true;
}

bool currency_equal(struct currency a, struct currency b)
{
    return memcmp(a.code, b.code, sizeof(a.code)) == 0;
}

bool currency_is_set(struct currency currency)
{
    return currency.code[0] != '\0';
}

int currency_exponent(struct currency currency)
{
    const char *row = find_code(currency.code);
    return row ? currencies[(size_t)(row - (const char *)currencies) / sizeof(currencies[0])]
                     .exponent
               : 2;
}

struct str currency_str(const struct currency *currency)
{
    return str_from_c(currency->code);
}

/* Past this many digits after the point, what a mantissa holds rounds to nothing. */
enum { SCALE_MAX = 30 };

static int128 power_of_ten(int exponent)
{
    int128 power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

bool int64_divide_round(int128 numerator, int128 denominator, int64_t *ret_quotient)
{
    int128 quotient = numerator / denominator, rest = numerator % denominator;
    int128 below = rest < 0 ? -rest : rest, above = denominator - below;
    if (below > above || (below == above && quotient % 2 != 0))
        quotient += numerator < 0 ? -1 : 1;
    if (quotient < INT64_MIN || quotient > INT64_MAX)
        return false;
    *ret_quotient = (int64_t)quotient;
    return true;
}

bool money_from_decimal(struct decimal amount, struct currency currency, struct money *ret_money)
{
    int shift = currency_exponent(currency) - amount.scale;
    int64_t minor = 0;
    if (shift >= 0) {
        if (!int64_divide_round(amount.mantissa * power_of_ten(shift), 1, &minor))
            return false;
    } else if (-shift <= SCALE_MAX) {
        if (!int64_divide_round(amount.mantissa, power_of_ten(-shift), &minor))
            return false;
    }
    *ret_money = (struct money){minor, currency};
    return true;
}

bool money_parse(struct str text, struct currency currency, struct money *ret_money)
{
    struct decimal amount;
    return parse_decimal(text, currency_exponent(currency), &amount) &&
           money_from_decimal(amount, currency, ret_money);
}

bool int64_add(int64_t a, int64_t b, int64_t *ret_sum)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret_sum = sum;
    return true;
}

bool money_add(struct money a, struct money b, struct money *ret_sum)
{
    int64_t minor;
    if (!currency_equal(a.currency, b.currency) || !int64_add(a.minor, b.minor, &minor))
        return false;
    *ret_sum = (struct money){minor, a.currency};
    return true;
}

bool money_negate(struct money a, struct money *ret_negated)
{
    if (a.minor == INT64_MIN)
        return false;
    *ret_negated = (struct money){-a.minor, a.currency};
    return true;
}

struct money money_divide(struct money a, int64_t n)
{
    struct money quotient = {0, a.currency};
    if (n <= 0 || !int64_divide_round(a.minor, n, &quotient.minor))
        abort();
    return quotient;
}

void money_render(struct money money, struct buf *buf)
{
    int exponent = currency_exponent(money.currency);
    uint64_t rest = money.minor < 0 ? 0 - (uint64_t)money.minor : (uint64_t)money.minor;
    char digits[MONEY_TEXT_MAX];
    size_t at = sizeof(digits);
    for (int written = 0; rest || written <= exponent; written++) {
        if (exponent && written == exponent)
            digits[--at] = '.';
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (money.minor < 0)
        digits[--at] = '-';
    buf_add(buf, (struct str){digits + at, sizeof(digits) - at});
}
