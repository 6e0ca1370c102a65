/** The client's socket: one at a time, and given up once it has been silent for too long. */

const OPENING = 10; // seconds that a socket has to open, and again to welcome

export class Socket {
  #needs;
  #socket = null;
  #watch = null;
  #silentUntil = 0; // the time (ms since 1970) after which a link without a frame is dead

  /**
   * @param {object} needs
   * @param {typeof WebSocket} needs.WebSocket
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   * @param {() => number} needs.now milliseconds since 1970.
   * @param {(frame: object) => void} needs.take is given each frame.
   * @param {(code: number, reason: string) => void} needs.closed is told of an end that is not by `letGo`.
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /**
   * Open one; `opened()` is to send its first frame.
   *
   * @throws what the browser says to an address that it does not like.
   */
  open(address, opened) {
    const { WebSocket, take } = this.#needs;
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = opened;
    socket.onmessage = ({ data }) => take(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#end(code, reason);
    this.expectWithin(OPENING);
  }

  send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Unless a frame arrives in time the link is dead, whatever the socket says. */
  expectWithin(seconds = OPENING) {
    const { timers, now } = this.#needs;
    timers.clearTimeout(this.#watch);
    this.#silentUntil = now() + seconds * 1000;
    this.#watch = timers.setTimeout(() => this.lose(), seconds * 1000);
  }

  /** Whether there is one that nothing speaks against. */
  get seemsAlive() {
    return this.#socket !== null && this.#needs.now() <= this.#silentUntil;
  }

  /** Take the link for dead. */
  lose() {
    if (this.#socket) this.#end(1006, "");
  }

  letGo() {
    const socket = this.#socket;
    this.#socket = null;
    this.#needs.timers.clearTimeout(this.#watch);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #end(code, reason) {
    this.letGo();
    this.#needs.closed(code, reason);
  }
}
