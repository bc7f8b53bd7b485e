// join: asks for a name and a room, once, and again when the room's name is pressed.
import { byId } from "./dom.js";

/** Opens the dialog; calls `done({name, room})` when it is filled in. */
export function askToJoin({ name, room, done }) {
  const dialog = byId("join");
  const form = byId("join-form");
  form.nick.value = name;
  form.room.value = room;
  form.onsubmit = (event) => {
    event.preventDefault();
    dialog.close();
    done({ name: form.nick.value.trim(), room: form.room.value.toLowerCase() });
  };
  dialog.showModal();
  (name ? form.room : form.nick).focus();
}
