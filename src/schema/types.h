#pragma once

#include <optional>
#include <string>
#include <utility>

#include "bdupdate/schema/comparison.h"

namespace bdupdate::schema {

/// Declared and real, in the database's words; nothing: they are alike, or cannot be compared.
std::optional<std::pair<std::string, std::string>> differing_types(const DeclaredColumn& declared,
                                                                   const Column& real, Dialect dialect);
/// The same of the default; nothing on one side: there is none.
std::optional<std::pair<std::optional<std::string>, std::optional<std::string>>> differing_defaults(
    const DeclaredColumn& declared, const Column& real);

/// The declaration as Column::text() would tell it.
std::string declaration_text(const DeclaredColumn& declared, Dialect dialect);

}  // namespace bdupdate::schema
