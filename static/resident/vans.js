// "Mobil keliling": the stops near me, one stop, and asking for one.
//
//   #mobil      mine, map, stops near me, who has my service, the vans
//   #mobil/titik/<id>   a stop: when, papers, reminder, ticket        #mobil/minta   ask for a stop

import { Part } from "./part.js";
import { VanAsk } from "./van_ask.js";
import { VanCity } from "./van_city.js";
import { VanHome } from "./van_home.js";
import { vanMine } from "./van_mine.js";
import { VanStop } from "./van_stop.js";

const LOOKS = "/static/resident/vans.css";

export function mount(root, app) {
  const mine = vanMine(app);
  mine.follow();
  let part = null;
  const changed = (record) => { if (part) part.changed(record); };
  const city = new VanCity(app, () => changed());
  const open = (tools, name, id) => {
    const with_ = { app, mine, city, ...tools };
    if (name === "titik" && id) return new VanStop(with_, decodeURIComponent(id));
    return name === "minta" ? new VanAsk(with_) : new VanHome(with_);
  };
  part = new Part(root, app, { door: "#mobil", home: "stops", looks: LOOKS, class_name: "vans", open });
  const stop = mine.watch(changed);
  return () => {
    stop();
    part.leave();
    city.leave();
  };
}
