/* Private to lib/norm: libphonenumber, which is C++, behind C. */
#ifndef LIB_NORM_PHONE_LIBRARY_H
#define LIB_NORM_PHONE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

enum { PHONE_TEXT_MAX = 64 };

#ifdef __cplusplus
extern "C" {
#endif

/* `country`: "US", or "ZZ" where there is none. False when it is no possible number. */
bool phone_library_parse(const char *text, size_t len, const char *country,
                         char ret_e164[PHONE_TEXT_MAX]);
/* The international form of an E.164 number. */
bool phone_library_render(const char *e164, size_t len, char ret_text[PHONE_TEXT_MAX]);

#ifdef __cplusplus
}
#endif

#endif
