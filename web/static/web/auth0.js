/**
 * Signing in at the identity provider: its universal login, authorization code with PKCE.
 *
 * Access and refresh token are kept in memory only. After a reload the page redirects to the provider with
 * `prompt=none`: the provider still knows the browser and asks the player nothing. A hidden frame would need
 * third-party cookies, which browsers refuse.
 */

import { ApiError } from "./api.js";
import { deadline, limited } from "./limits.js";
import { open } from "./session.js";
import { local, session as tab } from "./storage.js";

const UNDER_WAY = "unitemate.auth"; // sessionStorage: {state, verifier, hash} of the redirect
const KNOWN = "unitemate.known"; // localStorage: somebody has signed in with this browser
const RENEWED = "unitemate.renewed"; // sessionStorage: when a token was last renewed by a redirect
const BETWEEN = 60_000; // milliseconds between such redirects, so that the page does not redirect in a loop
const USUAL = 3600; // seconds that a token lasts, unless the provider says

const isUnderWay = (value) => [value?.state, value?.verifier, value?.hash].every((each) => typeof each === "string");
const isNumber = (value) => Number.isFinite(value);
const SCOPE = "openid profile email offline_access";

/**
 * @param {{domain: string, audience: string, client_id: string}} configuration as /api/system gives it.
 */
export function identityProvider({ domain, audience, client_id: clientId }) {
  const origin = (domain.includes("://") ? domain : `https://${domain}`).replace(/\/+$/, "");
  const home = `${location.origin}/`;

  /**
   * Leave for the provider's page, which sends the player back to `home`.
   *
   * @throws {ApiError} the browser cannot store what the return is checked against, or the provider's page does not come.
   */
  async function depart(more = {}) {
    const [state, verifier] = [random(), random()];
    if (!tab.set(UNDER_WAY, JSON.stringify({ state, verifier, hash: location.hash }))) throw new ApiError(0, "storage", "nothing is kept");
    const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const query = new URLSearchParams({
      response_type: "code", client_id: clientId, audience, scope: SCOPE, redirect_uri: home, state,
      code_challenge: base64url(new Uint8Array(challenge)), code_challenge_method: "S256",
      ui_locales: document.documentElement.lang, ...more,
    });
    location.assign(`${origin}/authorize?${query}`);
    return limited(new Promise(() => {})).catch(() => {
      throw new ApiError(0, "network", "no answer");
    });
  }

  /** Ask the provider who is signed in, without a question to the player. */
  const askSilently = () => depart({ prompt: "none" });

  /** Renew the token by a redirect of the page. Null if the page has just done so in vain. */
  async function renewByRedirect() {
    const before = tab.json(RENEWED, isNumber) ?? 0;
    const wasJustNow = Math.abs(Date.now() - before) < BETWEEN; // absolute, since the clock may have been set back
    if (wasJustNow || !tab.set(RENEWED, String(Date.now()))) return null;
    return askSilently();
  }

  async function exchange(grant) {
    let response;
    let answer = {};
    try {
      const body = new URLSearchParams({ client_id: clientId, ...grant });
      response = await fetch(`${origin}/oauth/token`, { method: "POST", body, signal: deadline() });
      answer = await response.json();
    } catch (failure) {
      if (!(failure instanceof SyntaxError) || response.ok) throw new ApiError(0, "network", "no answer");
    }
    if (!response.ok) throw new ApiError(response.status, answer.error ?? "failed", answer.error_description ?? "");
    return answer;
  }

  function session({ access_token: token, expires_in: seconds, refresh_token: refreshToken }) {
    return {
      token,
      expiresAt: Date.now() + (seconds > 0 ? seconds : USUAL) * 1000,
      renew: () => renew(refreshToken),
      leave: () => local.remove(KNOWN),
    };
  }

  async function renew(refreshToken) {
    if (!refreshToken) return renewByRedirect();
    try {
      const answer = await exchange({ grant_type: "refresh_token", refresh_token: refreshToken });
      return session({ refresh_token: refreshToken, ...answer }); // the answer has a new refresh token if the provider rotates them
    } catch (error) {
      if (error.status >= 400 && error.status < 500 && error.status !== 429) return renewByRedirect();
      throw error;
    }
  }

  return {
    /** Show the provider's login. */
    signIn: () => depart(),

    /** Have the provider forget the player as well. */
    signOut() {
      location.assign(`${origin}/v2/logout?${new URLSearchParams({ client_id: clientId, returnTo: home })}`);
    },

    /**
     * Take the provider's answer. Without one, ask the provider if somebody has signed in with this browser before.
     *
     * @throws {ApiError} signing in did not succeed.
     */
    async arrive() {
      const answer = new URLSearchParams(location.search);
      const underWay = tab.json(UNDER_WAY, isUnderWay);
      if (!answer.has("state") || answer.get("state") !== underWay?.state) {
        if (local.get(KNOWN)) await askSilently();
        return;
      }
      tab.remove(UNDER_WAY);
      history.replaceState(null, "", location.pathname + (underWay.hash.startsWith("#") ? underWay.hash : ""));
      if (!answer.has("code")) {
        local.remove(KNOWN);
        // The provider does not know the browser any more. That is no failure: the player may sign in.
        if (["login_required", "interaction_required", "consent_required"].includes(answer.get("error"))) return;
        throw new ApiError(400, "sign_in", answer.get("error_description") ?? "");
      }
      const grant = { grant_type: "authorization_code", code: answer.get("code"), redirect_uri: home };
      open(session(await exchange({ ...grant, code_verifier: underWay.verifier })));
      local.set(KNOWN, "1");
    },
  };
}

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
