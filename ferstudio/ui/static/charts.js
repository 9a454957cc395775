// Charts speak as large as the page: Plotly draws them without its zoom (page.css), so that their
// type is set here, when they are laid out and when the zoom changes.
const CHART_TYPE_PX = 14;
const zoomOf = (element) => Number(getComputedStyle(element).getPropertyValue('--zoom')) || 1;
const sizeCharts = () => {
  const size = CHART_TYPE_PX * zoomOf(document.documentElement);
  document.querySelectorAll('.js-plotly-plot').forEach((chart) => {
    if (chart.offsetParent && chart.layout?.font && chart.layout.font.size !== size)
      window.Plotly.relayout(chart, {'font.size': size, autosize: true});
  });
};
follow(sizeCharts);
addEventListener('resize', sizeCharts);
new MutationObserver(sizeCharts).observe(document.documentElement, {attributes: true, attributeFilter: ['class']});
