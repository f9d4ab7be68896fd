#include "bdupdate/worker/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bdupdate::worker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Heard {
    std::vector<std::string> frames, talk;
    FrameSplitter splitter{"@mark ", [this](std::string_view text) { frames.emplace_back(text); },
                           [this](std::string_view text) { talk.emplace_back(text); }};
};

TEST(Frames, AreTheLinesWithTheMark) {
    Heard heard;
    heard.splitter.feed("hello\n\n@mark {\"a\":1}\nmore talk\r\n");
    EXPECT_THAT(heard.frames, ElementsAre("{\"a\":1}"));
    EXPECT_THAT(heard.talk, ElementsAre("hello", "more talk"));
}

TEST(Frames, MayBeCutAnywhere) {
    const std::string stream = "talk\n@mark {\"a\":1}\n@mar\n@mark {}\n";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        Heard heard;
        heard.splitter.feed(stream.substr(0, cut));
        heard.splitter.feed(stream.substr(cut));
        EXPECT_THAT(heard.frames, ElementsAre("{\"a\":1}", "{}")) << cut;
        EXPECT_THAT(heard.talk, ElementsAre("talk", "@mar")) << cut;
    }
}

TEST(Frames, WithTheMarkInTheMiddleOfALineAreTalk) {
    Heard heard;
    heard.splitter.feed("x@mark {}\n");
    EXPECT_THAT(heard.frames, IsEmpty());
    EXPECT_THAT(heard.talk, ElementsAre("x@mark {}"));
}

TEST(Frames, WithAnotherTokenAreTalk) {
    Heard heard;
    heard.splitter.feed("@mork {}\n");
    EXPECT_THAT(heard.frames, IsEmpty());
}

TEST(Frames, CutOffByTheEndAreNoFrames) {
    Heard heard;
    heard.splitter.feed("@mark {\"half");
    heard.splitter.finish();
    EXPECT_THAT(heard.frames, IsEmpty());
    EXPECT_THAT(heard.talk, ElementsAre("@mark {\"half"));
}

TEST(Frames, OfMegabytesAreTaken) {
    Heard heard;
    const std::string big(5'000'000, 'x');
    heard.splitter.feed("@mark ");
    for (std::size_t at = 0; at < big.size(); at += 1000) heard.splitter.feed(big.substr(at, 1000));
    heard.splitter.feed("\n");
    ASSERT_EQ(heard.frames.size(), 1U);
    EXPECT_EQ(heard.frames[0], big);
}

TEST(Talk, WithoutLineEndsComesInPiecesAndHidesNoFrame) {
    Heard heard;
    heard.splitter.feed(std::string(FrameSplitter::talk_limit + 1, 'x'));
    EXPECT_EQ(heard.talk.size(), 1U);
    // Still the same line, so this is no frame, whatever it looks like.
    heard.splitter.feed("@mark {}\n@mark {\"real\":1}\n");
    EXPECT_THAT(heard.frames, ElementsAre("{\"real\":1}"));
}

}  // namespace
}  // namespace bdupdate::worker
