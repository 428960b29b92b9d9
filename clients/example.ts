// How a front end uses the client that `make clients` puts into made/typescript. It is compiled
// under --strict; the lines after @ts-expect-error would be mistakes, and have to stay some.
import { client } from "./made/typescript/client.gen";
import {
  getPersonalSummary,
  getPersonalTrades,
  getWelcomePrompt,
  postAuthLogin,
} from "./made/typescript";
import type { ApiError, Meta, Summary, Trade } from "./made/typescript";

const march = { start_date: "2026-03-01", end_date: "2026-03-31" };

/** Log in, and send the token with every request from now on. */
export async function logIn(baseUrl: string, email: string, password: string): Promise<string> {
  client.setConfig({ baseUrl });
  const { data, error } = await postAuthLogin({ body: { email, password } });
  if (!data) throw new Error(refusal(error));
  client.setConfig({ baseUrl, auth: data.access_token });
  return data.user.first_name || data.user.username;
}

/** The metric table of some products; null is told in words by meta.notes. */
export async function winRate(products: number[]): Promise<string> {
  const { data, error } = await getPersonalSummary({ query: { ...march, product: products } });
  if (!data) return refusal(error);
  const summary: Summary = data.data;
  const meta: Meta = data.meta;
  return summary.win_rate === null ? meta.notes.join("; ") : `${100 * summary.win_rate} %`;
}

/** All trades of a month, page by page. */
export async function trades(): Promise<Trade[]> {
  const found: Trade[] = [];
  for (let page = 1; ; page += 1) {
    const query = { ...march, page, side: "long", sort: "-pnl" } as const;
    const { data } = await getPersonalTrades({ query, throwOnError: true });
    found.push(...data.data);
    if (data.meta.next === null) return found;
  }
}

export async function greeting(): Promise<string | undefined> {
  const { data } = await getWelcomePrompt();
  return data?.data[0]?.prompt_message;
}

function refusal(error: ApiError | undefined): string {
  return error ? `${error.error} (${error.code ?? "no code"})` : "The server cannot be reached";
}

export function mistakes(summary: Summary): void {
  // @ts-expect-error a period has two ends
  void getPersonalSummary({ query: { start_date: "2026-03-01" } });
  // @ts-expect-error there is no such side
  void getPersonalTrades({ query: { side: "up" } });
  // @ts-expect-error it is null where nothing was traded
  const rate: number = summary.win_rate;
  // @ts-expect-error money is a number
  const pnl: string = summary.pnl;
  void [rate, pnl];
}
