/* Texts with columns in them, and conditions on them. */
#include "src/intake/mapping.h"

/* A template under construction. */
struct template_builder {
    struct arena *arena;
    struct template_piece pieces[LIMIT_TEMPLATE_PIECES];
    size_t count;
    struct str columns[LIMIT_TEMPLATE_COLUMNS];
    size_t column_count;
    struct buf text; /* of the literal or the name that is being read */
};

static enum err fail(struct fault *fault, struct str text, const char *sentence)
{
    return fault_set(fault, ERR_INVALID, "template_invalid", "\"%.*s\": %s",
                     STR_ARG(str_slice(text, 0, 100)), sentence);
}

static bool add_piece(struct template_builder *builder, struct template_piece piece)
{
    if (builder->count == LIMIT_TEMPLATE_PIECES)
        return false;
    builder->pieces[builder->count++] = piece;
    return true;
}

static bool end_literal(struct template_builder *builder)
{
    struct str literal = arena_str(builder->arena, buf_str(&builder->text));
    buf_clear(&builder->text);
    return !literal.len || add_piece(builder, (struct template_piece){.literal = literal});
}

static bool end_column(struct template_builder *builder)
{
    struct str name = str_trim(arena_str(builder->arena, buf_str(&builder->text)));
    buf_clear(&builder->text);
    if (!name.len || builder->column_count == LIMIT_TEMPLATE_COLUMNS)
        return false;
    builder->columns[builder->column_count++] = name;
    return true;
}

static bool end_columns(struct template_builder *builder)
{
    struct arena *arena = builder->arena;
    size_t count = builder->column_count;
    struct str *columns = ARENA_ARRAY(arena, struct str, count);
    int *cells = ARENA_ARRAY(arena, int, count);
    for (size_t i = 0; i < count; i++) {
        columns[i] = builder->columns[i];
        cells[i] = -1;
    }
    builder->column_count = 0;
    return add_piece(builder,
                     (struct template_piece){.columns = columns, .cells = cells, .count = count});
}

/* One character; false with the reason. */
static const char *take(struct template_builder *builder, char c, bool *is_inside)
{
    if (!*is_inside && c == '{') {
        *is_inside = true;
        return end_literal(builder) ? NULL : "it has too many pieces.";
    }
    if (!*is_inside && c == '}')
        return "a brace closes that was not opened.";
    if (*is_inside && c == '{')
        return "a brace opens inside braces.";
    if (*is_inside && (c == '|' || c == '}')) {
        *is_inside = c == '|';
        if (!end_column(builder))
            return "a column has no name, or there are too many.";
        return *is_inside || end_columns(builder) ? NULL : "it has too many pieces.";
    }
    buf_add_char(&builder->text, c);
    return NULL;
}

enum err template_parse(struct str text, struct arena *arena, struct template *ret_template,
                        struct fault *fault)
{
    struct template_builder *builder = ARENA_NEW(arena, struct template_builder);
    bool is_inside = false;
    builder->arena = arena;
    buf_init(&builder->text, arena, LIMIT_MAPPING_BYTES);
    for (size_t i = 0; i < text.len; i++) {
        const char *sentence = NULL;
        if (text.ptr[i] == '\\' && i + 1 < text.len)
            buf_add_char(&builder->text, text.ptr[++i]);
        else
            sentence = take(builder, text.ptr[i], &is_inside);
        if (sentence)
            return fail(fault, text, sentence);
    }
    if (is_inside)
        return fail(fault, text, "a brace opens and does not close.");
    if (!end_literal(builder) || builder->text.overflowed)
        return fail(fault, text, "it has too many pieces.");
    ret_template->text = arena_str(arena, text);
    ret_template->count = builder->count;
    ret_template->pieces = ARENA_ARRAY(arena, struct template_piece, builder->count);
    for (size_t i = 0; i < builder->count; i++)
        ret_template->pieces[i] = builder->pieces[i];
    return OK;
}

static int find_name(struct str column, const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(column, names[i]))
            return (int)i;
    for (size_t i = 0; i < count; i++)
        if (str_equal_nocase(column, names[i]))
            return (int)i;
    return -1;
}

void template_bind(struct template *value, const struct str *names, size_t count)
{
    for (size_t i = 0; i < value->count; i++)
        for (size_t j = 0; j < value->pieces[i].count; j++)
            value->pieces[i].cells[j] = find_name(value->pieces[i].columns[j], names, count);
}

static bool piece_is_bound(const struct template_piece *piece)
{
    for (size_t i = 0; i < piece->count; i++)
        if (piece->cells[i] >= 0)
            return true;
    return piece->count == 0;
}

bool template_is_bound(const struct template *value)
{
    for (size_t i = 0; i < value->count; i++)
        if (!piece_is_bound(&value->pieces[i]))
            return false;
    return true;
}

static struct str piece_text(const struct template_piece *piece, const struct str *cells)
{
    for (size_t i = 0; i < piece->count; i++) {
        struct str text = {NULL, 0};
        if (piece->cells[i] >= 0)
            text = value_present(cells[piece->cells[i]]);
        if (text.len)
            return text;
    }
    return piece->literal;
}

struct str template_eval(const struct template *value, const struct str *cells, struct arena *arena)
{
    struct str texts[LIMIT_TEMPLATE_PIECES];
    size_t len = 0;
    bool has_columns = false, holds_something = false;
    if (value->count == 1)
        return piece_text(&value->pieces[0], cells);
    for (size_t i = 0; i < value->count; i++) {
        texts[i] = piece_text(&value->pieces[i], cells);
        len += texts[i].len;
        has_columns = has_columns || value->pieces[i].count > 0;
        holds_something = holds_something || (value->pieces[i].count > 0 && texts[i].len > 0);
    }
    if (has_columns && !holds_something)
        return (struct str){NULL, 0};
    struct buf buf;
    buf_init(&buf, arena, len + 1);
    for (size_t i = 0; i < value->count; i++)
        buf_add(&buf, texts[i]);
    return str_trim(buf_str(&buf));
}

struct str template_column(const struct template *value)
{
    for (size_t i = 0; i < value->count; i++)
        for (size_t j = 0; j < value->pieces[i].count; j++)
            if (value->pieces[i].cells[j] >= 0)
                return value->pieces[i].columns[j];
    return (struct str){NULL, 0};
}

/* ---- conditions ---- */

static bool char_equal_nocase(char a, char b)
{
    return str_equal_nocase((struct str){&a, 1}, (struct str){&b, 1});
}

/* Whether the text is what the pattern says; goes back to the last star only, so that it ends. */
static bool matches(struct str text, struct str pattern)
{
    size_t at = 0, in = 0, star = pattern.len, resume = 0;
    while (at < text.len) {
        if (in < pattern.len && pattern.ptr[in] == '*') {
            star = in++;
            resume = at;
        } else if (in < pattern.len && char_equal_nocase(text.ptr[at], pattern.ptr[in])) {
            at++;
            in++;
        } else if (star < pattern.len) {
            in = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (in < pattern.len && pattern.ptr[in] == '*')
        in++;
    return in == pattern.len;
}

bool condition_holds(const struct condition *condition, const struct str *cells,
                     struct arena *arena)
{
    struct str text = value_present(template_eval(&condition->value, cells, arena));
    for (size_t i = 0; i < condition->count; i++)
        if (matches(text, condition->texts[i]))
            return !condition->negated;
    return condition->negated;
}
