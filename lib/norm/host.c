/* Names of hosts, domains and mailboxes. */
#include "lib/norm/norm.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <libpsl.h>
#include <string.h>

#include "lib/base/compiler.h"
#include "lib/norm/wide.h"

/* RFC 1035 and RFC 5321. A host of other letters may be longer before it becomes ASCII. */
enum {
    HOST_BYTES_MAX = 253,
    LABEL_BYTES_MAX = 63,
    HOST_INPUT_BYTES_MAX = 1000,
    LOCAL_PART_BYTES_MAX = 64,
    EMAIL_BYTES_MAX = 254
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_label(struct str label)
{
    if (label.len == 0 || label.len > LABEL_BYTES_MAX)
        return false;
    if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!is_digit(label.ptr[i]) && !is_letter(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    return true;
}

/* ASCII of two labels at least, the last not a number (else it is an address). */
static bool is_host(struct str host)
{
    struct str rest = host, label = {0};
    int labels = 0;
    if (host.len > HOST_BYTES_MAX)
        return false;
    for (; str_split(&rest, '.', &label); labels++)
        if (!is_label(label))
            return false;
    bool is_number = true;
    for (size_t i = 0; i < label.len; i++)
        is_number = is_number && is_digit(label.ptr[i]);
    return labels >= 2 && !is_number;
}

/* "xn--" and the like are the library's to check. */
static bool is_plain(struct str host)
{
    return wide_is_ascii(host) && !str_find(host, STR("--"), NULL);
}

static bool plain_to_ascii(struct str host, struct arena *arena, struct str *ret_host)
{
    if (!is_host(host))
        return false;
    char *lower = arena_cstr(arena, host);
    for (size_t i = 0; i < host.len; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] + 32);
    *ret_host = (struct str){lower, host.len};
    return true;
}

static bool idn_to_ascii(struct str host, struct arena *arena, struct str *ret_host)
{
    char *ascii = NULL;
    int result = idn2_to_ascii_8z(arena_cstr(arena, host), &ascii,
                                  IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
    if (result != IDN2_OK)
        return false;
    bool is_good = is_host(str_from_c(ascii));
    if (is_good)
        *ret_host = arena_str(arena, str_from_c(ascii));
    idn2_free(ascii);
    return is_good;
}

/* A bare host name; one dot at its end is that of the root. */
static bool bare_host_parse(struct str text, struct arena *arena, struct str *ret_host)
{
    struct str host = str_ends_with(text, STR(".")) ? str_slice(text, 0, text.len - 1) : text;
    if (host.len == 0 || host.len > HOST_INPUT_BYTES_MAX)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.ptr[i] <= ' ')
            return false;
    return is_plain(host) ? plain_to_ascii(host, arena, ret_host)
                          : idn_to_ascii(host, arena, ret_host);
}

static struct str without_prefix(struct str text, struct str prefix)
{
    bool has_it = text.len > prefix.len && str_equal_nocase(str_slice(text, 0, prefix.len), prefix);
    return has_it ? str_slice(text, prefix.len, text.len) : text;
}

/* Between the scheme and the path, without user and port. */
static struct str host_of(struct str text)
{
    size_t at = 0;
    struct str rest = str_trim(text);
    rest = without_prefix(rest, STR("https:"));
    rest = without_prefix(rest, STR("http:"));
    rest = without_prefix(rest, STR("mailto:"));
    rest = without_prefix(rest, STR("//"));
    while (at < rest.len && !memchr("/?#", rest.ptr[at], 3))
        at++;
    rest = str_slice(rest, 0, at);
    for (at = rest.len; at > 0 && rest.ptr[at - 1] != '@';)
        at--;
    rest = str_slice(rest, at, rest.len);
    if (str_find_char(rest, ':', &at)) {
        for (size_t i = at + 1; i < rest.len; i++)
            if (!is_digit(rest.ptr[i]))
                return rest;
        rest = str_slice(rest, 0, at);
    }
    return rest;
}

bool host_parse(struct str text, struct arena *arena, struct str *ret_host)
{
    return bare_host_parse(host_of(text), arena, ret_host);
}

bool domain_parse(struct str text, struct arena *arena, struct str *ret_domain)
{
    struct str host;
    if (!host_parse(text, arena, &host))
        return false;
    const char *domain = psl_registrable_domain(psl_builtin(), host.ptr);
    if (!domain)
        return false;
    *ret_domain = str_slice(host, (size_t)(domain - host.ptr), host.len);
    return true;
}

bool domain_is_public_mail(struct str domain)
{
    static const char *const providers[] = {
        "126.com",         "163.com",         "aliyun.com",     "aol.com",        "bigpond.com",
        "bluewin.ch",      "bol.com.br",      "btinternet.com", "chello.at",      "comcast.net",
        "cox.net",         "daum.net",        "duck.com",       "earthlink.net",  "fastmail.com",
        "foxmail.com",     "free.fr",         "freenet.de",     "gmail.com",      "gmx.at",
        "gmx.ch",          "gmx.com",         "gmx.de",         "gmx.net",        "googlemail.com",
        "hanmail.net",     "hey.com",         "hotmail.co.uk",  "hotmail.com",    "hotmail.de",
        "hotmail.es",      "hotmail.fr",      "hotmail.it",     "hushmail.com",   "icloud.com",
        "inbox.ru",        "interia.pl",      "laposte.net",    "libero.it",      "list.ru",
        "live.co.uk",      "live.com",        "live.de",        "live.fr",        "live.nl",
        "mac.com",         "mail.com",        "mail.ru",        "mailbox.org",    "me.com",
        "msn.com",         "naver.com",       "o2.pl",          "online.de",      "optonline.net",
        "optusnet.com.au", "orange.fr",       "outlook.com",    "outlook.de",     "outlook.fr",
        "pm.me",           "posteo.de",       "proton.me",      "protonmail.ch",  "protonmail.com",
        "qq.com",          "rambler.ru",      "rediffmail.com", "rocketmail.com", "sbcglobal.net",
        "seznam.cz",       "sfr.fr",          "shaw.ca",        "sina.com",       "skynet.be",
        "sky.com",         "t-online.de",     "talktalk.net",   "telenet.be",     "terra.com.br",
        "tiscali.it",      "tuta.com",        "tutanota.com",   "uol.com.br",     "verizon.net",
        "virgilio.it",     "virginmedia.com", "wanadoo.fr",     "web.de",         "windowslive.com",
        "wp.pl",           "yahoo.co.in",     "yahoo.co.jp",    "yahoo.co.uk",    "yahoo.com",
        "yahoo.com.br",    "yahoo.de",        "yahoo.es",       "yahoo.fr",       "yahoo.it",
        "yandex.com",      "yandex.ru",       "ymail.com",      "zoho.com",
    };
    for (size_t i = 0; i < ARRAY_LEN(providers); i++)
        if (str_equal_nocase(domain, str_from_c(providers[i])))
            return true;
    return false;
}

static bool address_parse(struct str text, struct arena *arena, struct str *ret_server)
{
    char buffer[INET6_ADDRSTRLEN], plain[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    if (text.len == 0 || text.len >= sizeof(plain))
        return false;
    memcpy(plain, text.ptr, text.len);
    plain[text.len] = '\0';
    int family = str_find_char(text, ':', NULL) ? AF_INET6 : AF_INET;
    if (strlen(plain) != text.len || inet_pton(family, plain, address) != 1 ||
        !inet_ntop(family, address, buffer, sizeof(buffer)))
        return false;
    *ret_server = arena_str(arena, str_from_c(buffer));
    return true;
}

bool name_server_parse(struct str text, struct arena *arena, struct str *ret_server)
{
    struct str trimmed = str_trim(text);
    return address_parse(trimmed, arena, ret_server) || bare_host_parse(trimmed, arena, ret_server);
}

/* A dot-atom of RFC 5322, or of RFC 6531 when other letters are in it. */
static bool is_local_part(struct str local)
{
    char before = '.';
    if (local.len == 0 || local.len > LOCAL_PART_BYTES_MAX || !str_is_utf8(local))
        return false;
    for (size_t i = 0; i < local.len; i++) {
        char c = local.ptr[i];
        bool is_atom = is_digit(c) || is_letter(c) || (unsigned char)c >= 0x80 ||
                       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
        if (!is_atom && (c != '.' || before == '.'))
            return false;
        before = c;
    }
    return before != '.';
}

bool email_parse(struct str text, struct arena *arena, struct str *ret_email)
{
    struct str trimmed = str_trim(text), host;
    size_t at;
    if (!str_find_char(trimmed, '@', &at))
        return false;
    struct str local = str_slice(trimmed, 0, at);
    struct str domain = str_slice(trimmed, at + 1, trimmed.len);
    if (!is_local_part(local) || str_ends_with(domain, STR(".")) ||
        !bare_host_parse(domain, arena, &host))
        return false;
    if (local.len + 1 + host.len > EMAIL_BYTES_MAX)
        return false;
    *ret_email = arena_format(arena, "%.*s@%.*s", STR_ARG(local), STR_ARG(host));
    return true;
}
