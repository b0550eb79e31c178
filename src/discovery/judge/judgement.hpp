#pragma once
// Which profile fits what a unit has answered, and how sure that is. Pure: evidence in, opinion out; Interview asks the
// questions. The order of belief: a text that only this family starts with, SunSpec, a number that only this family
// shows (a device code), a text at a place of its own, numbers that merely do not contradict. Plain meters give only
// the last: they are never identified, only ordered.
#include <memory>
#include <span>

#include "discovery/judge/evidence.hpp"
#include "discovery/line/scan.hpp"

namespace busbar::discovery {

enum class Proof : std::uint8_t {
    nothing,      // not contradicted, no more
    number,       // its checks show believable numbers other than 0
    own_text,     // a text where only this profile looks for one
    device_code,  // a number that hardly any other device shows there
    sunspec,      // the SunSpec models the profile knows
    name,         // maker or model text begins as the profile says
};

// One profile against one unit.
struct Suspicion {
    std::shared_ptr<const profile::Profile> original;
    std::shared_ptr<const profile::Profile> placed;  // absolute addresses: SunSpec models where this device has them
    Proof proof = Proof::nothing;
    bool is_ruled_out = false;
    bool is_product = false;  // the model text is one of the profile's products
    std::string reason;       // the strongest proof in words
    unsigned points = 0, points_answered = 0, points_believable = 0;
    std::vector<model::RoleKey> seen;  // of the believable ones
};

// Registers to ask, each once, in the order to ask them.
std::vector<Block> name_blocks(const Suspicion& s);    // texts that must begin in a certain way
std::vector<Block> number_blocks(const Suspicion& s);  // checks
std::vector<Block> text_blocks(const Suspicion& s);    // all texts
std::vector<Block> point_blocks(const Suspicion& s);   // everything the profile would poll

// Each takes what its blocks were answered into account; unanswered blocks count as not there.
void judge_names(Suspicion& s, const Evidence& evidence);
void judge_chain(Suspicion& s, const Evidence& evidence);  // places the profile; rules it out without a model of it
void judge_numbers(Suspicion& s, const Evidence& evidence);
void judge_texts(Suspicion& s, const Evidence& evidence);
void judge_points(Suspicion& s, const Evidence& evidence);

// 0..100, to compare suspicions about the same unit.
int score(const Suspicion& s);

// Everything but the place: certainty, identity, profile, candidates, use. `again` is what the texts read a second
// time.
Found conclude(std::span<const Suspicion> suspicions, const Evidence& evidence, const Evidence& again);

// "SUN2000-6KTL-M1" is one of "SUN2000-3KTL-M1 to 10KTL-M1".
bool is_product(std::string_view model, std::string_view products);

}  // namespace busbar::discovery
