/** Tags that tell players with similar names apart. A tag is the beginning of the user id, which nobody can choose. */

import { h } from "./dom.js";

const TAG_LENGTH = 4;

/** A tag made here, for lists whose entries come without tags from the server. */
export const ownTag = (userId) => userId.slice(0, TAG_LENGTH);

/** The tag to put after a name. @param {string|null|undefined} tag null for players whose name is like no other. */
export const nameTag = (tag) => (tag ? h("span.name-tag.figures", {}, `#${tag}`) : null);

/** A player's name with the tag as plain text. */
export const taggedName = ({ trainer_name: name, tag }) => (tag ? `\u2068${name}\u2069 #${tag}` : name);
