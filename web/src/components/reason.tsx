import type { ChainLink } from '../api/types';
import { useLocale } from '../i18n/locale';
import { said } from './setpoint_words';

// Why a link of the chain is what it is, in the reader's language; English is marked as such.
export function Reason({ link }: { link: ChainLink | undefined }) {
  const { retell, role, language } = useLocale();
  if (!link) return null;
  const here = retell(link);
  return <span lang={here === null && link.text && language !== 'en' ? 'en' : undefined}>{here ?? said(link.text, role)}</span>;
}
