"""Where things stand on the timeline of the portfolio: days to positions, marks to lanes, dependencies to lines.

Pure: no database, no words, no colours. Positions across are percents of the plot, so that it may be of any width from
`marks.NARROWEST` on; positions down are pixels within a row, for a row is as high as its name needs.
"""
