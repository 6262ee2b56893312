/* Every id of the product with its prefix, in one list, so that two never share one. */
#ifndef SRC_CORE_IDS_H
#define SRC_CORE_IDS_H

#include "lib/base/id.h"

ID_TYPE(user, "usr")
ID_TYPE(token, "tok")
ID_TYPE(partner, "ptn")
ID_TYPE(contact, "con")
ID_TYPE(product, "prd")
ID_TYPE(fact, "fct")
ID_TYPE(import, "imp")
ID_TYPE(audit, "aud")
ID_TYPE(duplicate, "dup")
ID_TYPE(view, "vew")
ID_TYPE(access, "acr")

#endif
