/** Telling players apart whose names look alike: by a tag, the beginning of the user id, which nobody chooses. */

import { h } from "./dom.js";

const TAG_LENGTH = 4;

/** The beginning of a user id, where there is no other player in view to compare with. */
export const ownTag = (userId) => userId.slice(0, TAG_LENGTH);

/** A tag to put after a name. @param {string|null|undefined} tag null for most, who need none. */
export const nameTag = (tag) => (tag ? h("span.name-tag.figures", {}, `#${tag}`) : null);

/** A player's name with the tag, where there is room for text alone. */
export const taggedName = ({ trainer_name: name, tag }) => (tag ? `\u2068${name}\u2069 #${tag}` : name);
