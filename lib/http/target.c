/* Splits first, decodes then: an escaped separator never separates. What has two readings is
 * refused. */
#include "lib/http/target.h"

static const char not_origin[] = "The request target must be a path, as in /api/v1.";
static const char bad_escape[] = "The address has a percent sign that is not followed by two "
                                 "hexadecimal digits.";
static const char bad_text[] = "The address must be UTF-8 without control characters.";
static const char bad_path[] = "The path must not have empty, \".\" or \"..\" segments or an "
                               "escaped slash.";

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '%' || text.ptr[i] == '+')
            return false;
    return true;
}

static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return true;
    return false;
}

/* `plus` is what '+' stands for. */
static const char *decode(struct str raw, char plus, struct arena *arena, struct str *ret_text)
{
    if (is_plain(raw)) {
        *ret_text = raw;
        return NULL;
    }
    char *text = arena_alloc(arena, raw.len);
    size_t len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '%') {
            int high = i + 2 < raw.len ? hex_value(raw.ptr[i + 1]) : -1;
            int low = high >= 0 ? hex_value(raw.ptr[i + 2]) : -1;
            if (low < 0)
                return bad_escape;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = plus;
        }
        text[len++] = c;
    }
    *ret_text = (struct str){text, len};
    return has_control(*ret_text) || !str_is_utf8(*ret_text) ? bad_text : NULL;
}

static bool has_escaped_slash(struct str raw)
{
    return str_find(raw, STR("%2f"), NULL) || str_find(raw, STR("%2F"), NULL);
}

static const char *read_path(struct str raw, struct arena *arena, struct str *ret_path)
{
    struct str path, rest, segment;
    const char *wrong = decode(raw, '+', arena, &path);
    if (wrong)
        return wrong;
    if (has_escaped_slash(raw) || str_find(path, STR("//"), NULL))
        return bad_path;
    rest = path;
    while (str_split(&rest, '/', &segment))
        if (str_equal(segment, STR(".")) || str_equal(segment, STR("..")))
            return bad_path;
    *ret_path = path;
    return NULL;
}

static bool is_repeated(const struct target *target, struct str name)
{
    for (size_t i = 0; i < target->query_count; i++)
        if (str_equal(target->query[i].name, name))
            return true;
    return false;
}

static const char *read_field(struct str piece, struct arena *arena, struct target *target)
{
    struct query_field field;
    size_t end = piece.len;
    bool has_value = str_find_char(piece, '=', &end);
    struct str value = has_value ? str_slice(piece, end + 1, piece.len) : STR("");
    const char *wrong = decode(str_slice(piece, 0, end), ' ', arena, &field.name);
    if (!wrong)
        wrong = decode(value, ' ', arena, &field.value);
    if (wrong)
        return wrong;
    if (!field.name.len)
        return "The query has a value without a name.";
    if (is_repeated(target, field.name))
        return "The query gives one name twice.";
    if (target->query_count == TARGET_QUERY_FIELDS_MAX)
        return "The query has too many fields.";
    target->query[target->query_count++] = field;
    return NULL;
}

static const char *read_query(struct str raw, struct arena *arena, struct target *target)
{
    struct str piece;
    target->query = ARENA_ARRAY(arena, struct query_field, TARGET_QUERY_FIELDS_MAX);
    while (str_split(&raw, '&', &piece)) {
        const char *wrong = piece.len ? read_field(piece, arena, target) : NULL;
        if (wrong)
            return wrong;
    }
    return NULL;
}

const char *target_parse(struct str raw, struct arena *arena, struct target *ret_target)
{
    struct target target = {0};
    size_t path_end = raw.len;
    if (!raw.len || raw.ptr[0] != '/')
        return not_origin;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.ptr[i] <= ' ' || raw.ptr[i] > '~' || raw.ptr[i] == '#')
            return not_origin;
    bool has_query = str_find_char(raw, '?', &path_end);
    const char *wrong = read_path(str_slice(raw, 0, path_end), arena, &target.path);
    if (!wrong && has_query)
        wrong = read_query(str_slice(raw, path_end + 1, raw.len), arena, &target);
    if (!wrong)
        *ret_target = target;
    return wrong;
}
