#include "bdupdate/report/layout.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cwchar>

namespace bdupdate::report {
namespace {

using Lines = std::vector<std::string>;

TEST(Width, IsOfColumnsNotOfBytes) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("update"), 6U);
    EXPECT_EQ(display_width("Änderung"), 8U);
    EXPECT_EQ(display_width("更新する"), 8U);
    EXPECT_EQ(display_width("ﾃｰﾌﾞﾙ"), 5U) << "halfwidth katakana";
    EXPECT_EQ(display_width("업데이트"), 8U);
}

TEST(Width, OfCombiningAccentsIsNothing) {
    EXPECT_EQ(display_width("e\xCC\x81t\xC3\xA9"), 3U);
    EXPECT_EQ(display_width("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"), 2U) << "one syllable of three letters";
}

TEST(Width, OfAnEmojiOfSeveralCodePointsIsTwo) {
    EXPECT_EQ(display_width("🎉"), 2U);
    EXPECT_EQ(display_width("👩‍👧‍👦"), 2U) << "a family, joined";
    EXPECT_EQ(display_width("👍🏽"), 2U) << "with a skin tone";
    EXPECT_EQ(display_width("🇩🇪"), 2U) << "a flag of two letters";
    EXPECT_EQ(display_width("❤️"), 2U) << "a text symbol asked for as emoji";
}

TEST(Width, OfBytesThatAreNoTextIsOneEach) {
    EXPECT_EQ(display_width("a\xff\xfe"), 3U);
    EXPECT_EQ(display_width("\xe6\x9b"), 2U) << "cut short";
}

TEST(Width, AgreesWithTheSystemsLibraryOnLettersOfOneCodePoint) {
    if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) GTEST_SKIP() << "no locale C.UTF-8";
    for (const wchar_t letter :
         {L'a', L'é', L'ß', L'Ж', L'α', L'中', L'文', L'あ', L'ア', L'한', L'，', L'€'}) {
        char bytes[8] = {};
        std::mbstate_t state{};
        const std::size_t length = std::wcrtomb(bytes, letter, &state);
        EXPECT_EQ(display_width(std::string_view(bytes, length)), static_cast<std::size_t>(wcwidth(letter)))
            << bytes;
    }
    std::setlocale(LC_CTYPE, "C");
}

TEST(Padded, FillsUpToColumns) {
    EXPECT_EQ(padded("更新", 6), "更新  ");
    EXPECT_EQ(padded_left("12", 4), "  12");
    EXPECT_EQ(padded("longer", 3), "longer");
}

TEST(Cut, LeavesWhatFitsAndMarksWhatDoesNot) {
    EXPECT_EQ(cut("Count money", 0), "Count money");
    EXPECT_EQ(cut("Count money", 11), "Count money");
    EXPECT_EQ(cut("Count money", 10), "Count…");
    EXPECT_EQ(cut("Countmoney", 6), "Count…");
    EXPECT_EQ(cut("A bcdefghijkl", 8), "A bcdef…") << "a blank too early would cost more than half";
}

TEST(Cut, NeverPartsALetter) {
    EXPECT_EQ(cut("更新する", 6), "更新…");
    EXPECT_EQ(cut("更新する", 7), "更新す…");
    EXPECT_EQ(cut("👩‍👧‍👦👩‍👧‍👦", 3), "👩‍👧‍👦…");
    EXPECT_EQ(cut("ab\xCC\x81"
                  "cd",
                  3),
              "ab\xCC\x81…");
}

TEST(Cut, IsNeverWiderThanAskedFor) {
    const std::string text =
        "Größe 更新する 👩‍👧‍👦 e\xCC\x81t\xC3\xA9 plain words \xff at the end";
    for (std::size_t columns = 1; columns < 60; ++columns)
        EXPECT_LE(display_width(cut(text, columns)), columns) << columns;
}

TEST(Wrapped, BreaksAtBlanks) {
    EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
    EXPECT_EQ(wrapped("  one\n two\t", 40), (Lines{"one two"}));
    EXPECT_EQ(wrapped("", 10), (Lines{""}));
    EXPECT_EQ(wrapped("one two three", 0), (Lines{"one two three"}));
}

TEST(Wrapped, LeavesWordsThatAreTooLongWhole) {
    EXPECT_EQ(wrapped("in /srv/club/modules now", 8), (Lines{"in", "/srv/club/modules", "now"}));
}

TEST(Wrapped, BreaksBetweenWideLettersWhichHaveNoBlanks) {
    EXPECT_EQ(wrapped("設定を更新する", 8), (Lines{"設定を更", "新する"}));
    EXPECT_EQ(wrapped("update 設定", 9), (Lines{"update 設", "定"}));
}

TEST(Hanging, IndentsFurtherLinesToWhereTheTextBegan) {
    EXPECT_EQ(hanging("club: ", "one two three four", 20), "club: one two three\n      four\n");
    EXPECT_EQ(hanging("club: ", "one two three four", 0), "club: one two three four\n");
}

TEST(Hanging, KeepsRoomForTheTextBehindALongBeginning) {
    EXPECT_EQ(hanging("a very long name: ", "one two three four", 24),
              "a very long name: one\n        two three four\n");
}

TEST(FirstSentence, EndsWhereALineEndsWithAFullStop) {
    EXPECT_EQ(first_sentence("Count money\nin exact numbers.\nMore is said later."),
              "Count money in exact numbers.");
    EXPECT_EQ(first_sentence(" v1.2 fixes\t it "), "v1.2 fixes it");
}

}  // namespace
}  // namespace bdupdate::report
