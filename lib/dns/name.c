/* Names between text and people, and addresses. */
#include "lib/dns/message.h"

#include <arpa/inet.h>
#include <idn2.h>

#include "lib/base/parse.h"

enum { INPUT_BYTES_MAX = 1000 };

static bool is_label_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_plain_name(struct str name)
{
    struct str rest = name, label;
    if (name.len + 2 > DNS_NAME_BYTES_MAX)
        return false;
    while (str_split(&rest, '.', &label)) {
        if (!label.len || label.len > DNS_LABEL_BYTES_MAX)
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!is_label_byte(label.ptr[i]))
                return false;
    }
    return true;
}

static struct str lower(struct str text, struct arena *arena)
{
    char *copy = arena_cstr(arena, text);
    for (size_t i = 0; i < text.len; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + 32);
    return (struct str){copy, text.len};
}

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

bool dns_name_parse(struct str text, struct arena *arena, struct str *ret_name)
{
    struct str name = str_trim(text);
    char *ascii = NULL;
    if (name.len > 1 && str_ends_with(name, STR(".")))
        name = str_slice(name, 0, name.len - 1);
    if (!name.len || name.len > INPUT_BYTES_MAX)
        return false;
    if (!is_ascii(name)) {
        if (!str_is_utf8(name) ||
            idn2_to_ascii_8z(arena_cstr(arena, name), &ascii, IDN2_NONTRANSITIONAL) != IDN2_OK)
            return false;
        name = arena_str(arena, str_from_c(ascii));
        idn2_free(ascii);
    }
    name = lower(name, arena);
    if (!is_plain_name(name))
        return false;
    *ret_name = name;
    return true;
}

struct str dns_name_for_people(struct str name, struct arena *arena)
{
    char *letters = NULL;
    if (!str_find(name, STR("xn--"), NULL) || name.len > INPUT_BYTES_MAX ||
        idn2_to_unicode_8z8z(arena_cstr(arena, name), &letters, 0) != IDN2_OK)
        return name;
    struct str shown = arena_str(arena, str_from_c(letters));
    idn2_free(letters);
    return shown;
}

bool dns_name_is_within(struct str name, struct str zone)
{
    if (!zone.len)
        return true;
    if (!str_ends_with(name, zone))
        return false;
    return name.len == zone.len || name.ptr[name.len - zone.len - 1] == '.';
}

struct str dns_name_parent(struct str name)
{
    size_t at;
    return str_find_char(name, '.', &at) ? str_slice(name, at + 1, name.len) : STR("");
}

size_t dns_name_labels(struct str name)
{
    size_t labels = name.len != 0;
    for (size_t i = 0; i < name.len; i++)
        labels += name.ptr[i] == '.';
    return labels;
}

/* ---- addresses ---- */

static bool split_port(struct str text, struct str *ret_host, struct str *ret_port)
{
    size_t at;
    *ret_port = STR("");
    if (str_starts_with(text, STR("["))) {
        if (!str_find_char(text, ']', &at))
            return false;
        *ret_host = str_slice(text, 1, at);
        struct str rest = str_slice(text, at + 1, text.len);
        if (rest.len && rest.ptr[0] != ':')
            return false;
        *ret_port = str_slice(rest, 1, rest.len);
        return !rest.len || ret_port->len;
    }
    *ret_host = text;
    if (!str_find_char(text, ':', &at) ||
        str_find_char(str_slice(text, at + 1, text.len), ':', NULL))
        return true;
    *ret_host = str_slice(text, 0, at);
    *ret_port = str_slice(text, at + 1, text.len);
    return ret_port->len != 0;
}

bool dns_address_parse(struct str text, uint16_t default_port, struct dns_address *ret_address)
{
    struct dns_address address = {.port = default_port};
    char plain[INET6_ADDRSTRLEN];
    struct str host, port_text;
    int64_t port = default_port;
    if (!split_port(text, &host, &port_text) || !host.len || host.len >= sizeof(plain))
        return false;
    if (port_text.len && !parse_int64(port_text, 1, UINT16_MAX, &port))
        return false;
    memcpy(plain, host.ptr, host.len);
    plain[host.len] = '\0';
    address.family = str_find_char(host, ':', NULL) ? 6 : 4;
    address.port = (uint16_t)port;
    if (strlen(plain) != host.len ||
        inet_pton(address.family == 6 ? AF_INET6 : AF_INET, plain, address.bytes) != 1)
        return false;
    *ret_address = address;
    return true;
}

struct str dns_address_text(const struct dns_address *address, struct arena *arena)
{
    char text[INET6_ADDRSTRLEN];
    if (!address->family ||
        !inet_ntop(address->family == 6 ? AF_INET6 : AF_INET, address->bytes, text, sizeof(text)))
        return STR("");
    return arena_str(arena, str_from_c(text));
}

bool dns_address_equal(const struct dns_address *a, const struct dns_address *b)
{
    return a->family == b->family && a->port == b->port &&
           memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct network {
    uint8_t bytes[16];
    unsigned bits;
};

static bool is_in(const uint8_t *bytes, const struct network *network)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    uint8_t mask = (uint8_t)(0xff00U >> rest);
    if (memcmp(bytes, network->bytes, whole) != 0)
        return false;
    return !rest || (bytes[whole] & mask) == (network->bytes[whole] & mask);
}

/* The registries of special-purpose addresses of IANA. */
static bool is_private_v4(const uint8_t *bytes)
{
    static const struct network networks[] = {
        {{0}, 8},
        {{10}, 8},
        {{100, 64}, 10},
        {{127}, 8},
        {{169, 254}, 16},
        {{172, 16}, 12},
        {{192, 0, 0}, 24},
        {{192, 0, 2}, 24},
        {{192, 88, 99}, 24},
        {{192, 168}, 16},
        {{198, 18}, 15},
        {{198, 51, 100}, 24},
        {{203, 0, 113}, 24},
        {{224}, 4},
        {{240}, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(networks); i++)
        if (is_in(bytes, &networks[i]))
            return true;
    return false;
}

static bool is_private_v6(const uint8_t *bytes)
{
    static const struct network global = {{0x20}, 3};
    static const struct network special[] = {
        {{0x20, 0x01, 0x00, 0x00}, 23}, /* Teredo and other protocols' */
        {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
        {{0x3f, 0xff}, 20},             /* documentation */
        {{0x20, 0x01, 0x00, 0x10}, 28}, /* ORCHID */
    };
    static const struct network sixth_to_fourth = {{0x20, 0x02}, 16};
    static const struct network translated = {{0x00, 0x64, 0xff, 0x9b}, 96};
    if (is_in(bytes, &translated))
        return is_private_v4(bytes + 12);
    if (!is_in(bytes, &global))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(special); i++)
        if (is_in(bytes, &special[i]))
            return true;
    return is_in(bytes, &sixth_to_fourth) && is_private_v4(bytes + 2);
}

bool dns_address_is_private(const struct dns_address *address)
{
    if (address->family == 4)
        return is_private_v4(address->bytes);
    return address->family != 6 || is_private_v6(address->bytes);
}
