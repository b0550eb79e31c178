// Finding a device family by what is printed on the device. Pure.
import type { Profile } from '../api/types';

const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '');

// Every word must be found in the family's name or one of its products; families that begin with the words come first.
export function searchProfiles(profiles: readonly Profile[], text: string, most = 8): Profile[] {
  const words = text.split(/\s+/).map(plain).filter(Boolean);
  if (words.length === 0) return [];
  const ranked = profiles.flatMap((profile) => {
    if (profile.problem !== null) return [];
    const names = [profile.name, ...profile.products].map(plain);
    if (!words.every((word) => names.some((name) => name.includes(word)))) return [];
    return [{ profile, rank: names.some((name) => name.startsWith(words[0]!)) ? 0 : 1 }];
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.profile.name.localeCompare(b.profile.name)).slice(0, most).map(({ profile }) => profile);
}

// "Eastron SDM630 and 3 more"
export function productsText(profile: Profile, most = 3): string {
  const shown = profile.products.slice(0, most).join(', ');
  return profile.products.length > most ? `${shown} …` : shown || profile.name;
}
