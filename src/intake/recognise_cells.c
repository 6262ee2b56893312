/* What a column is by its cells alone, where its name says nothing. */
#include "lib/base/money.h"
#include "src/intake/recognise_columns.h"

enum { FIT_PERCENT = 80, PHONE_DIGITS_MIN = 6, PHONE_DIGITS_MAX = 15, NAME_LETTERS_MIN = 3 };

struct counts {
    size_t digits, letters, blanks, separators, others;
};

static struct counts count_of(struct str text)
{
    struct counts counts = {0};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= '0' && c <= '9')
            counts.digits++;
        else if (c >= 0x80 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            counts.letters++;
        else if (c == ' ')
            counts.blanks++;
        else if (c == '.' || c == ',')
            counts.separators++;
        else
            counts.others++;
    }
    return counts;
}

static bool is_email(struct str text)
{
    size_t at;
    return str_find_char(text, '@', &at) && at > 0 && !str_find_char(text, ' ', NULL) &&
           str_find_char(str_slice(text, at, text.len), '.', NULL);
}

static bool is_currency(struct str text)
{
    struct currency currency;
    return currency_parse(text, &currency);
}

/* 20240223 may be anything. */
static bool is_day(struct str text)
{
    struct value_time time;
    struct counts counts = count_of(text);
    return counts.digits < text.len && value_time_parse(text, DATES_AUTO, &time);
}

static bool is_phone(struct str text)
{
    struct counts counts = count_of(text);
    bool starts_so = str_starts_with(text, STR("+")) || str_starts_with(text, STR("0")) ||
                     str_starts_with(text, STR("("));
    return starts_so && !counts.letters && counts.separators < 4 &&
           counts.digits >= PHONE_DIGITS_MIN && counts.digits <= PHONE_DIGITS_MAX;
}

static bool is_domain(struct str text)
{
    struct counts counts = count_of(text);
    return counts.letters && counts.separators && !counts.blanks &&
           !str_find_char(text, ',', NULL) && !str_find_char(text, '@', NULL);
}

/* Whole numbers alone are as often ids. */
static bool is_amount(struct str text)
{
    struct decimal decimal;
    struct counts counts = count_of(text);
    return (counts.separators || counts.digits < text.len) &&
           value_decimal(text, DECIMALS_AUTO, &decimal);
}

static bool is_company(struct str text)
{
    struct counts counts = count_of(text);
    return counts.letters >= NAME_LETTERS_MIN && counts.letters > counts.digits &&
           !is_email(text) && !is_day(text) && !is_domain(text) && !is_currency(text);
}

static const struct guess {
    enum column_role role;
    bool (*fits)(struct str text);
} guesses[] = {
    {COLUMN_EMAIL, is_email},          {COLUMN_CURRENCY, is_currency}, {COLUMN_DATE, is_day},
    {COLUMN_PHONE, is_phone},          {COLUMN_AMOUNT, is_amount},     {COLUMN_DOMAIN, is_domain},
    {COLUMN_PARTNER_NAME, is_company},
};

static bool is_taken(const struct column_roles *roles, size_t column)
{
    for (int role = 0; role < COLUMN_COUNT; role++)
        if (roles->columns[role] == (int)column)
            return true;
    return false;
}

/* Nothing says nothing: a column needs a cell. */
static bool cells_fit(const struct recognise_file *file, size_t column, const struct guess *guess)
{
    size_t good = 0, all = 0;
    for (size_t i = 0; i < file->row_count; i++) {
        struct str text = value_present(file->rows[i][column]);
        all += text.len > 0;
        good += text.len > 0 && guess->fits(text);
    }
    return all && good * 100 >= all * FIT_PERCENT;
}

/* A role that stands for the guess under another name. */
static bool is_known(const struct column_roles *roles, enum column_role role)
{
    if (role == COLUMN_DATE)
        return column_roles_have(roles, COLUMN_ORDER_DATE) || column_roles_have(roles, role);
    if (role == COLUMN_PARTNER_NAME)
        return column_roles_have(roles, COLUMN_PARTNER_KEY) || column_roles_have(roles, role);
    if (role == COLUMN_AMOUNT)
        return column_roles_have(roles, COLUMN_ORDER_TOTAL) ||
               column_roles_have(roles, COLUMN_LINE_TOTAL) ||
               column_roles_have(roles, COLUMN_UNIT_PRICE) || column_roles_have(roles, role);
    return column_roles_have(roles, role);
}

void column_roles_guess(struct column_roles *roles)
{
    const struct recognise_file *file = roles->file;
    for (size_t i = 0; i < ARRAY_LEN(guesses); i++) {
        for (size_t j = 0; j < file->name_count && !is_known(roles, guesses[i].role); j++)
            if (!is_taken(roles, j) && cells_fit(file, j, &guesses[i]))
                roles->columns[guesses[i].role] = (int)j;
    }
}
