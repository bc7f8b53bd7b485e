// cluster_metrics: what this node knows of its cluster, as figures: the view, the links, the port.
#pragma once

namespace argosy {

class fleet_member;
class metrics_text;

/// Any thread, while the member runs.
void cluster_metrics(metrics_text& out, const fleet_member& of);

} // namespace argosy
