// libphonenumber behind C. Its one instance is made by its first user and never changed; it and
// its cache of expressions are thread-safe.
#include "lib/norm/phone_library.h"

#include <cstring>
#include <string>

#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static bool copy_out(const std::string &text, char ret_text[PHONE_TEXT_MAX])
{
    if (text.size() >= PHONE_TEXT_MAX)
        return false;
    std::memcpy(ret_text, text.c_str(), text.size() + 1);
    return true;
}

static bool parse(const char *text, size_t len, const char *country, PhoneNumber *ret_number)
{
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    return util->Parse(std::string(text, len), country, ret_number) ==
               PhoneNumberUtil::NO_PARSING_ERROR &&
           util->IsPossibleNumberWithReason(*ret_number) == PhoneNumberUtil::IS_POSSIBLE;
}

static bool format(const PhoneNumber &number, PhoneNumberUtil::PhoneNumberFormat form,
                   char ret_text[PHONE_TEXT_MAX])
{
    std::string text;
    PhoneNumberUtil::GetInstance()->Format(number, form, &text);
    return copy_out(text, ret_text);
}

// No exception may reach C: what throws here is no phone number.
bool phone_library_parse(const char *text, size_t len, const char *country,
                         char ret_e164[PHONE_TEXT_MAX])
{
    try {
        PhoneNumber number;
        return parse(text, len, country, &number) &&
               format(number, PhoneNumberUtil::E164, ret_e164);
    } catch (...) {
        return false;
    }
}

bool phone_library_render(const char *e164, size_t len, char ret_text[PHONE_TEXT_MAX])
{
    try {
        PhoneNumber number;
        return parse(e164, len, "ZZ", &number) &&
               format(number, PhoneNumberUtil::INTERNATIONAL, ret_text);
    } catch (...) {
        return false;
    }
}
