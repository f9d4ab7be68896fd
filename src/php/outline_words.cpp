#include "outline_words.h"

#include <array>
#include <cstdint>

#include "characters.h"

namespace bdupdate::php {

bool is_word(std::string_view text, std::string_view lower_word) {
    return text.size() == lower_word.size() &&
           characters::same_ignoring_case(text.data(), lower_word.data(), text.size());
}

Word word_of(std::string_view text) {
    struct Known {
        std::string_view name;
        Word word;
    };
    static constexpr std::array known_words = {Known{"function", Word::Function},
                                               Known{"fn", Word::Arrow},
                                               Known{"class", Word::Class},
                                               Known{"interface", Word::Class},
                                               Known{"trait", Word::Class},
                                               Known{"enum", Word::Enum},
                                               Known{"namespace", Word::Namespace},
                                               Known{"if", Word::Control},
                                               Known{"for", Word::Control},
                                               Known{"foreach", Word::Control},
                                               Known{"while", Word::Control},
                                               Known{"switch", Word::Control},
                                               Known{"declare", Word::Control},
                                               Known{"endif", Word::End},
                                               Known{"endfor", Word::End},
                                               Known{"endforeach", Word::End},
                                               Known{"endwhile", Word::End},
                                               Known{"endswitch", Word::End},
                                               Known{"enddeclare", Word::End},
                                               Known{"include", Word::Load},
                                               Known{"include_once", Word::Load},
                                               Known{"require", Word::Load},
                                               Known{"require_once", Word::Load},
                                               Known{"eval", Word::Eval},
                                               Known{"module_load_include", Word::LoadingCall},
                                               Known{"module_load_install", Word::LoadingCall},
                                               Known{"module_load_all_includes", Word::LoadingCall},
                                               Known{"const", Word::Const},
                                               Known{"return", Word::Leave},
                                               Known{"exit", Word::Leave},
                                               Known{"die", Word::Leave}};
    // Most names are none of them: by their first letter and their length that is seen at once.
    static constexpr std::array<std::uint32_t, 256> sizes_by_letter = [] {
        std::array<std::uint32_t, 256> sizes{};
        for (const Known& known : known_words) {
            const auto first = static_cast<unsigned char>(known.name[0]);
            sizes[first] |= std::uint32_t{1} << known.name.size();
            sizes[first - 0x20U] = sizes[first];
        }
        return sizes;
    }();
    if (text.size() > 31 || (sizes_by_letter[static_cast<unsigned char>(text[0])] >> text.size() & 1U) == 0)
        return Word::Other;
    for (const Known& known : known_words) {
        if (is_word(text, known.name)) return known.word;
    }
    return Word::Other;
}

/// A template with a `{$..}` or `${..}` in it: its closing brace makes PHP forget a doc comment, as each one
/// does.
bool has_block(const Token& token) {
    if (token.kind != TokenKind::Template && token.kind != TokenKind::Backtick) return false;
    for (std::size_t i = 1; i + 1 < token.text.size(); ++i) {
        const char c = token.text[i];
        const char next = token.text[i + 1];
        if (c == '\\')
            ++i;
        else if ((c == '{' && next == '$') || (c == '$' && next == '{'))
            return true;
    }
    return false;
}

}  // namespace bdupdate::php
