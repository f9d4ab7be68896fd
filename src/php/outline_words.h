#pragma once

#include <string_view>

#include "bdupdate/php/lexer.h"

namespace bdupdate::php {

/// Names whose meaning outside of functions matters to outline().
enum class Word {
    Other,
    Function,
    Arrow,
    Class,
    Enum,
    Namespace,
    Control,
    End,
    Load,
    LoadingCall,
    Eval,
    Const,
    Leave
};

/// `text` must not be empty.
Word word_of(std::string_view text);

/// `text`, in any case, is this word.
bool is_word(std::string_view text, std::string_view lower_word);

/// A template with a `{$..}` or `${..}` in it: its closing brace makes PHP forget a doc comment, as each one
/// does.
bool has_block(const Token& token);

}  // namespace bdupdate::php
