/* Columns get roles by their names; a date must also hold dates, and a number numbers. */
#include "src/intake/recognise_columns.h"

#include "lib/base/map.h"
#include "lib/base/money.h"

enum { LIKENESS_MIN = 60, GOOD_PERCENT = 80 };

/* What the cells of a role must be. */
enum cell_type { CELL_TEXT, CELL_TIME, CELL_NUMBER, CELL_DURATION, CELL_CURRENCY, CELL_EMAIL };

static enum cell_type type_of(enum column_role role)
{
    static const enum cell_type types[COLUMN_COUNT] = {
        [COLUMN_ORDER_DATE] = CELL_TIME,    [COLUMN_CLOSE_DATE] = CELL_TIME,
        [COLUMN_CREATED_DATE] = CELL_TIME,  [COLUMN_DATE] = CELL_TIME,
        [COLUMN_DURATION] = CELL_DURATION,  [COLUMN_QUANTITY] = CELL_NUMBER,
        [COLUMN_UNIT_PRICE] = CELL_NUMBER,  [COLUMN_LINE_TOTAL] = CELL_NUMBER,
        [COLUMN_ORDER_TOTAL] = CELL_NUMBER, [COLUMN_UNIT_COST] = CELL_NUMBER,
        [COLUMN_COST] = CELL_NUMBER,        [COLUMN_AMOUNT] = CELL_NUMBER,
        [COLUMN_CURRENCY] = CELL_CURRENCY,  [COLUMN_EMAIL] = CELL_EMAIL,
    };
    return types[role];
}

static bool is_good(enum cell_type type, struct str text)
{
    struct value_time time;
    struct decimal decimal;
    struct currency currency;
    switch (type) {
    case CELL_TEXT:
        return true;
    case CELL_TIME:
        return value_time_parse(text, DATES_AUTO, &time);
    case CELL_NUMBER:
        return value_decimal(text, DECIMALS_AUTO, &decimal);
    case CELL_DURATION:
        return value_duration(text, &decimal) || value_decimal(text, DECIMALS_AUTO, &decimal);
    case CELL_CURRENCY:
        return currency_parse(text, &currency);
    case CELL_EMAIL:
        return str_find_char(text, '@', &(size_t){0});
    }
    return false;
}

/* A column without cells may be anything. */
static bool cells_fit(const struct recognise_file *file, size_t column, enum column_role role)
{
    size_t good = 0, all = 0;
    enum cell_type type = type_of(role);
    for (size_t i = 0; type != CELL_TEXT && i < file->row_count; i++) {
        struct str text = value_present(file->rows[i][column]);
        all += text.len > 0;
        good += text.len > 0 && is_good(type, text);
    }
    return good * 100 >= all * GOOD_PERCENT;
}

/* How like each column is to each role: [column * COLUMN_COUNT + role]. */
static int *likenesses(const struct recognise_file *file, struct arena *arena)
{
    int *likeness = ARENA_ARRAY(arena, int, file->name_count *COLUMN_COUNT);
    for (size_t i = 0; i < file->name_count; i++) {
        for (int role = 0; role < COLUMN_COUNT; role++) {
            int like = role_likeness((enum column_role)role, file->names[i], arena);
            bool fits = like >= LIKENESS_MIN && cells_fit(file, i, (enum column_role)role);
            likeness[i * COLUMN_COUNT + (size_t)role] = fits ? like : 0;
        }
    }
    return likeness;
}

/* The closest of all pairs; the earlier role and column where they are as close. */
static int find_best(const int *likeness, size_t columns, size_t *ret_column, size_t *ret_role)
{
    int best = 0;
    for (size_t role = 0; role < COLUMN_COUNT; role++) {
        for (size_t i = 0; i < columns; i++) {
            if (likeness[i * COLUMN_COUNT + role] <= best)
                continue;
            best = likeness[i * COLUMN_COUNT + role];
            *ret_column = i;
            *ret_role = role;
        }
    }
    return best;
}

static void strike_out(int *likeness, size_t columns, size_t column, size_t role)
{
    for (size_t i = 0; i < columns; i++)
        likeness[i * COLUMN_COUNT + role] = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        likeness[column * COLUMN_COUNT + i] = 0;
}

void column_roles_find(const struct recognise_file *file, struct arena *arena,
                       struct column_roles *ret_roles)
{
    int *likeness = likenesses(file, arena);
    size_t column = 0, role = 0;
    *ret_roles = (struct column_roles){.file = file};
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        ret_roles->columns[i] = -1;
    int best;
    while ((best = find_best(likeness, file->name_count, &column, &role)) > 0) {
        ret_roles->columns[role] = (int)column;
        ret_roles->likeness[role] = best;
        strike_out(likeness, file->name_count, column, role);
    }
}

bool column_roles_have(const struct column_roles *roles, enum column_role role)
{
    return roles->columns[role] >= 0;
}

bool column_roles_repeat(const struct column_roles *roles, enum column_role role)
{
    struct arena arena;
    struct map seen;
    bool repeats = false;
    const struct recognise_file *file = roles->file;
    if (!column_roles_have(roles, role))
        return false;
    arena_init(&arena, SIZE_MAX);
    map_init(&seen, &arena, 0);
    for (size_t i = 0; i < file->row_count && !repeats; i++) {
        struct str text = value_present(file->rows[i][roles->columns[role]]);
        repeats = text.len && map_find(&seen, text);
        map_put(&seen, text, &seen);
    }
    arena_finish(&arena);
    return repeats;
}

struct value_hints column_roles_hints(const struct column_roles *roles)
{
    struct value_hints hints = {0};
    for (int role = 0; role < COLUMN_COUNT; role++) {
        enum cell_type type = type_of((enum column_role)role);
        for (size_t i = 0; roles->columns[role] >= 0 && i < roles->file->row_count; i++) {
            struct str cell = roles->file->rows[i][roles->columns[role]];
            if (type == CELL_TIME)
                value_hint_date(&hints, cell);
            else if (type == CELL_NUMBER)
                value_hint_decimal(&hints, cell);
        }
    }
    return hints;
}
