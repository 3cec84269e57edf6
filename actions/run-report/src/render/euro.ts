/** An amount in euro; of a small one as many decimals as tell it from nothing. */
export function formatEuro(eur: number): string {
  return `${eur > 0 && eur < 0.1 ? eur.toFixed(4) : eur.toFixed(2)} euro`;
}
