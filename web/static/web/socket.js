/** The client's socket. There is one at a time. It is given up if it is silent for too long. */

const OPENING = 10; // seconds that a new socket has until its first frame

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
   * @param {(code: number, reason: string) => void} needs.closed is told when the socket has ended other than by `letGo`.
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /**
   * Open a socket. `opened()` is to send its first frame.
   *
   * @throws {DOMException} the browser refuses the address.
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

  /** Take the link for dead unless a frame arrives in time. The socket itself may not notice. */
  expectWithin(seconds = OPENING) {
    const { timers, now } = this.#needs;
    timers.clearTimeout(this.#watch);
    this.#silentUntil = now() + seconds * 1000;
    this.#watch = timers.setTimeout(() => this.lose(), seconds * 1000);
  }

  /** Whether there is a socket that has not been silent for too long. */
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
